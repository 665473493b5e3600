create table numbers(n integer primary key, square integer, word text);
with recursive count(n) as (select 1 union all select n + 1 from count where n < 20000)
insert into numbers select n, n * n, 'number ' || n from count;
create index by_word on numbers(word);
select count(*), sum(n), max(square) from numbers;
select word from numbers where word like 'number 19__7' order by n limit 3;
begin; delete from numbers where n % 2 = 0; rollback;
select count(*) from numbers;
delete from numbers where n % 3 = 0;
vacuum;
select count(*), sum(square) from numbers;
select n / 1000 as thousand, count(*) from numbers group by thousand having thousand > 17;
pragma integrity_check;
