// Programs with a limit of pages in memory, or a policy of their own: the textbooks' strings have the textbooks'
// faults, nobody else loses a page for it, and a page is in one set as long as it is there.
#include "tests/host/support/kernel_trace.h"
#include "tests/host/support/paged_torus.h"
#include "tests/host/support/random.h"
#include "tests/host/support/string_sink.h"

#include <sstream>
#include <string_view>
#include <vector>

using namespace quire;
using namespace quire::test;

namespace {

constexpr std::uint32_t page_count = 20;

// A program whose pages each hold their number and one; so many of others are locked.
struct Limited : PagedTorus {
    explicit Limited(std::uint32_t locked = 0) : program(Program::start(torus)) {
        if (locked != 0) {
            REQUIRE(program->lock(Page::containing(program.map(locked)), locked, false));
        }
        first = program.map(page_count);
    }
    ~Limited() {
        program.end();
        store.end_all();
    }
    [[nodiscard]] VirtAddr at(std::uint32_t page) const { return page_at(first, page); }
    void write_all() {
        for (std::uint32_t page = 0; page < page_count; ++page) {
            REQUIRE(program.write(at(page), page + 1));
        }
    }
    // Reads the page; whether it had to be waited for.
    bool read(std::uint32_t page) {
        const std::uint32_t before = program->faults().of(FaultOutcome::arrived);
        REQUIRE(program.read(at(page)) == page + 1);
        return program->faults().of(FaultOutcome::arrived) != before;
    }
    [[nodiscard]] std::uint32_t resident() {
        std::uint32_t count = 0;
        for (std::uint32_t page = 0; page < page_count; ++page) {
            const UserPte pte = entry(program, at(page));
            count += pte.has_content() && pte.frame() != torus->memory.zero_frame() ? 1U : 0U;
        }
        return count;
    }
    void put_all_out() {
        REQUIRE(program->advise(Page::containing(first), page_count, Advice::page_out));
        store.end_all();
        REQUIRE(resident() == 0);
    }

    Program program;
    VirtAddr first;
};

std::uint32_t faults_of(std::string_view string, ReplacementPolicy policy, std::uint32_t limit) {
    Limited limited(Pager::least_resident);
    limited.write_all();
    limited.put_all_out();
    REQUIRE(limited.program->use_policy(policy));
    REQUIRE(limited.program->limit_resident(limit));
    std::uint32_t faults = 0;
    for (const char c : string) {
        faults += limited.read(static_cast<std::uint32_t>(c - '0')) ? 1U : 0U;
        CHECK(limited.resident() <= limit);
        require_balanced(limited.torus);
    }
    return faults;
}

} // namespace

TEST_CASE("a program with three frames, and with four, has the textbooks' faults", "[resident]") {
    constexpr std::string_view belady = "123412512345";
    CHECK(faults_of(belady, ReplacementPolicy::fifo, 3) == 9);
    CHECK(faults_of(belady, ReplacementPolicy::fifo, 4) == 10);
    CHECK(faults_of(belady, ReplacementPolicy::lru, 3) == 10);
    CHECK(faults_of(belady, ReplacementPolicy::lru, 4) == 8);
    constexpr std::string_view silberschatz = "70120304230321201701";
    CHECK(faults_of(silberschatz, ReplacementPolicy::fifo, 3) == 15);
    CHECK(faults_of(silberschatz, ReplacementPolicy::lru, 3) == 12);
}

TEST_CASE("under each policy no more pages are there than may be, and nothing is lost", "[resident]") {
    for (const ReplacementPolicy policy : Replacement::all_policies) {
        CAPTURE(name_of(policy));
        Limited limited;
        REQUIRE(limited.program->use_policy(policy));
        REQUIRE(limited.program->limit_resident(10));
        CHECK(limited.program->policy().name() == name_of(policy));
        Random random(7);
        std::vector<std::uint32_t> words(page_count);
        for (std::uint32_t step = 0; step < 1000; ++step) {
            const std::uint32_t page = random.below(page_count);
            if (random.once_in(2)) {
                words[page] = random();
                REQUIRE(limited.program.write(limited.at(page), words[page]));
            } else {
                REQUIRE(limited.program.read(limited.at(page)) == words[page]);
            }
            CHECK(limited.resident() <= 10);
            CHECK(limited.program->resident_set()->pages() <= 10);
            if (random.once_in(3)) {
                limited.store.end_all();
            }
        }
        require_balanced(limited.torus);
        CHECK(limited.counts().read > 50);
    }
}

TEST_CASE("a limit takes away what is too much at once, and nobody else's pages", "[resident]") {
    Limited limited;
    limited.write_all();
    Program other = Program::start(limited.torus);
    const VirtAddr others = other.map(page_count);
    for (std::uint32_t page = 0; page < page_count; ++page) {
        REQUIRE(other.write(page_at(others, page), 100 + page));
    }
    REQUIRE(limited.program->limit_resident(8));
    CHECK(limited.program->resident_set()->pages() == 8);
    limited.store.end_all();
    CHECK(limited.resident() == 8);
    for (std::uint32_t round = 0; round < 3; ++round) {
        for (std::uint32_t page = 0; page < page_count; ++page) {
            limited.read(page);
        }
    }
    CHECK(other->statistics().swapped == 0);
    require_balanced(limited.torus);
    REQUIRE(limited.program->limit_resident(std::nullopt));
    CHECK(limited.program->resident_set() == nullptr);
    for (std::uint32_t page = 0; page < page_count; ++page) {
        limited.read(page);
    }
    CHECK(limited.resident() == page_count);
    require_balanced(limited.torus);
    REQUIRE(limited.pager().make_room(30).any()); // and these are everybody's again
    limited.store.end_all();
    CHECK(limited.program->statistics().swapped != 0);
    require_balanced(limited.torus);
}

TEST_CASE("locked pages do not count, and those that are unlocked do", "[resident]") {
    Limited limited;
    limited.write_all();
    CHECK(limited.program->least_resident_limit() == Pager::least_resident);
    CHECK(limited.program->limit_resident(7) == fail(Error::invalid_argument));
    REQUIRE(limited.program->lock(Page::containing(limited.at(0)), 5, false));
    CHECK(limited.program->least_resident_limit() == 3);
    CHECK(limited.program->limit_resident(2) == fail(Error::invalid_argument));
    CHECK(limited.program->resident_set() == nullptr);
    REQUIRE(limited.program->limit_resident(3));
    limited.store.end_all();
    CHECK(limited.resident() == 8);
    while (limited.program->lock(Page::containing(limited.at(0)), 7, false) == fail(Error::must_wait)) {
        limited.store.end_all();
    }
    CHECK(limited.resident() >= 7);
    CHECK(limited.program->resident_set()->pages() <= 3);
    require_balanced(limited.torus);
    REQUIRE(limited.program->unlock(Page::containing(limited.at(0)), 7));
    CHECK(limited.program->resident_limit() == 8U); // three would be too few now
    limited.store.end_all();
    CHECK(limited.program->resident_set()->pages() == 8);
    CHECK(limited.resident() == 8);
    require_balanced(limited.torus);
}

TEST_CASE("pages leave the set with the program's memory", "[resident]") {
    Limited limited;
    REQUIRE(limited.program->limit_resident(12));
    for (std::uint32_t page = 0; page < 10; ++page) {
        REQUIRE(limited.program.write(limited.at(page), page + 1));
    }
    CHECK(limited.program->resident_set()->pages() == 10);
    SECTION("unmapped") {
        REQUIRE(limited.program->unmap(Page::containing(limited.at(0)), 4));
        CHECK(limited.program->resident_set()->pages() == 6);
    }
    SECTION("not needed") {
        REQUIRE(limited.program->advise(Page::containing(limited.at(0)), 4, Advice::dont_need));
        CHECK(limited.program->resident_set()->pages() == 6);
    }
    SECTION("exec") {
        const Result<AddressSpace*> next = AddressSpace::create(limited.torus->memory);
        REQUIRE(next);
        (*next)->take_resident_set(*limited.program);
        CHECK(limited.program->resident_set() == nullptr);
        CHECK((*next)->resident_limit() == 12U);
        CHECK((*next)->resident_set()->pages() == 0);
        require_balanced(limited.torus);
        (*next)->release();
    }
    SECTION("exit") {
        limited.program->clear();
        CHECK(limited.program->resident_set()->pages() == 0);
        limited.program.end();
    }
    require_balanced(limited.torus);
}

TEST_CASE("what is shared after a fork is counted by who brought it", "[resident]") {
    Limited limited;
    REQUIRE(limited.program->limit_resident(12));
    for (std::uint32_t page = 0; page < 10; ++page) {
        REQUIRE(limited.program.write(limited.at(page), page + 1));
    }
    Program child = limited.program.fork();
    CHECK(child->resident_set() == nullptr);
    REQUIRE(child.read(limited.at(0)) == 1U);
    REQUIRE(child->limit_resident(8)); // nothing of that is counted twice
    CHECK(child->resident_set()->pages() == 0);
    CHECK(limited.program->resident_set()->pages() == 10);
    REQUIRE(child.write(limited.at(1), 70));
    CHECK(child->resident_set()->pages() == 1);
    REQUIRE(limited.program.write(limited.at(2), 80)); // what it was copied from is the child's alone
    CHECK(limited.program->resident_set()->pages() == 10);
    require_balanced(limited.torus);
    for (std::uint32_t page = 10; page < page_count; ++page) { // the child loses some by that
        REQUIRE(limited.program.write(limited.at(page), page + 1));
    }
    limited.store.end_all();
    CHECK(child->statistics().swapped != 0);
    require_balanced(limited.torus);
    CHECK(child.read(limited.at(1)) == 70U);
    CHECK(child.read(limited.at(2)) == 3U);
    CHECK(limited.program.read(limited.at(2)) == 80U);
    limited.program.end();
    for (std::uint32_t page = 3; page < 10; ++page) {
        CHECK(child.read(limited.at(page)) == page + 1);
    }
    require_balanced(limited.torus);
}

TEST_CASE("when memory is short those with sets give pages, too, in their turn", "[resident]") {
    Limited limited;
    REQUIRE(limited.program->use_policy(ReplacementPolicy::fifo));
    limited.write_all();
    Program other = Program::start(limited.torus);
    const VirtAddr others = other.map(page_count);
    for (std::uint32_t page = 0; page < page_count; ++page) {
        REQUIRE(other.write(page_at(others, page), 100 + page));
    }
    REQUIRE(limited.pager().make_room(20).any());
    limited.store.end_all();
    const std::uint32_t of_set = limited.program->statistics().swapped, of_other = other->statistics().swapped;
    CHECK(of_set + of_other >= 20);
    CHECK(of_set >= 5);
    CHECK(of_other >= 5);
    for (std::uint32_t page = 0; page < page_count; ++page) { // first in, first out
        CHECK(limited.entry(limited.program, limited.at(page)).has_content() == (page >= of_set));
    }
    require_balanced(limited.torus);
}

TEST_CASE("who has no policy of its own follows everybody's", "[resident]") {
    Limited limited;
    REQUIRE(limited.program->limit_resident(10));
    limited.pager().use_policy(ReplacementPolicy::fifo);
    CHECK(limited.program->policy().name() == "fifo");
    REQUIRE(limited.program->use_policy(ReplacementPolicy::aging));
    limited.write_all();
    limited.pager().use_policy(ReplacementPolicy::lru);
    CHECK(limited.program->policy().name() == "aging");
    REQUIRE(limited.program->use_policy(std::nullopt));
    CHECK(limited.program->policy().name() == "lru");
    limited.write_all();
    CHECK(limited.program->resident_limit() == 10U);
    limited.pager().use_policy(ReplacementPolicy::clock);
    REQUIRE(limited.program->use_policy(ReplacementPolicy::lru));
    CHECK(limited.pager().watches_touches());
    REQUIRE(limited.program->limit_resident(std::nullopt));
    CHECK(limited.pager().watches_touches());
    REQUIRE(limited.program->use_policy(std::nullopt));
    CHECK_FALSE(limited.pager().watches_touches());
    CHECK_FALSE(limited.pager().minds_faults());
    require_balanced(limited.torus);
}

TEST_CASE("without an area a limit waits for one", "[resident]") {
    Limited limited;
    limited.pager().remove_area(*limited.area);
    REQUIRE(limited.program->limit_resident(8));
    limited.write_all();
    CHECK(limited.resident() == page_count);
    require_balanced(limited.torus);
    limited.area = *limited.pager().add_area(limited.store, limited.store.header(), std::nullopt);
    REQUIRE(limited.program.read(limited.at(0)) == 1U);
    const VirtAddr one_more = limited.program.map(1);
    REQUIRE(limited.program.write(one_more, 1));
    limited.store.end_all();
    CHECK(limited.program->resident_set()->pages() == 8);
    require_balanced(limited.torus);
}

TEST_CASE("there are as many sets as there are queues for, and ended ones make room", "[resident]") {
    PagedTorus paged;
    std::vector<Program> programs;
    for (std::uint32_t number = 0; number < FrameRecords::most_sets; ++number) {
        programs.push_back(Program::start(paged.torus));
        REQUIRE(programs.back()->use_policy(ReplacementPolicy::aging));
        REQUIRE(programs.back().write(programs.back().map(1), number));
    }
    Program one_more = Program::start(paged.torus);
    CHECK(one_more->limit_resident(100) == fail(Error::limit_reached));
    CHECK(one_more->resident_set() == nullptr);
    require_balanced(paged.torus);
    programs[5].end();
    CHECK(one_more->limit_resident(100));
    require_balanced(paged.torus);
}

TEST_CASE("choices beside a program with a limit are made again from their trace", "[resident]") {
    for (const ReplacementPolicy policy : Replacement::all_policies) {
        CAPTURE(name_of(policy));
        Limited limited;
        limited.pager().use_policy(policy);
        limited.write_all();
        Program other = Program::start(limited.torus);
        const VirtAddr others = other.map(page_count);
        Random random(static_cast<std::uint32_t>(policy) + 11);
        StringSink trace;
        limited.pager().begin_trace(Pager::TraceKind::decisions, trace);
        for (std::uint32_t step = 0; step < 2000; ++step) {
            const std::uint32_t page = random.below(page_count);
            REQUIRE((random.once_in(2) ? limited.program.write(limited.at(page), page + 1)
                                       : other.write(page_at(others, page), page)));
            if (random.once_in(20)) {
                REQUIRE(limited.program->limit_resident(random.once_in(2) ? std::optional(8 + random.below(10))
                                                                          : std::nullopt));
            }
            if (random.once_in(6)) {
                static_cast<void>(limited.pager().make_room(1 + random.below(4)));
            }
            if (random.once_in(3)) {
                limited.store.end_all();
            }
        }
        limited.pager().end_trace();
        std::istringstream lines(trace.text());
        CHECK(replay_decisions(lines).victims.size() > 30);
        require_balanced(limited.torus);
    }
}
