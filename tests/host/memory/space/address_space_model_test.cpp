// Programs that do at random what programs do with memory, several of them, forking and ending, against a naive model:
// for each page, what it may and what its first word is. One of them stays loaded, so that the TLB keeps whatever it is
// not told about. After each step the TLB is compared with the tables, after some the books are audited, and in between
// memory runs out: what fails then must have changed nothing. A frame has very many sharers now and then, too. In half
// of the runs, pages come late.
#include "kernel/memory/memory.h"
#include "tests/host/support/fake_store.h"
#include "tests/host/support/program.h"
#include "tests/host/support/random.h"
#include "tests/host/support/slow_device.h"
#include "tests/host/support/test_file.h"

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

using namespace quire;
using namespace quire::test;

namespace {

// What shared memory or a file has in it: the first word of each page.
using Content = std::map<std::uint32_t, std::uint32_t>;

struct ModelPage {
    quire::Access access;
    bool shared = false;
    bool wipe = false;
    bool dont_fork = false;
    bool is_file = false;
    std::shared_ptr<Content> content; // null: anonymous and private
    std::uint32_t index = 0;          // in it
    std::optional<std::uint32_t> own; // a private page that was written to
    bool may_go = false;              // and need not be kept: it may be zeros by now

    [[nodiscard]] std::uint32_t word() const {
        if (own) {
            return *own;
        }
        const auto found = content ? content->find(index) : Content::iterator();
        return content && found != content->end() ? found->second : 0;
    }
};

using Model = std::map<std::uint32_t, ModelPage>; // by page number

struct Process {
    Program program;
    Model model;
};

// Pages that all this happens in: they lie across the border of two tables, and in two more.
constexpr std::uint32_t first_page = 0x8000 - 24;
constexpr std::uint32_t page_count = 48;
constexpr std::uint32_t file_pages = 12;

struct Hardship {
    bool starve = false; // memory runs out now and then
    bool slow = false;   // pages come late
    bool paged = false;  // pages go to a disk, and come back when they are touched
    bool lru = false;    // by their last touches, which are watched
};

class RandomPrograms {
public:
    RandomPrograms(std::uint32_t seed, Hardship hardship) : random_(seed), starve_(hardship.starve) {
        if (hardship.slow) {
            device_.emplace(torus_, [this](Frame) { return random_.once_in(3); });
        }
        if (hardship.paged) {
            store_.emplace(torus_, 512);
            const Result<SwapArea*> area = torus_->memory.pager.add_area(*store_, store_->header(), std::nullopt);
            REQUIRE(area);
            area_ = *area;
        }
        if (hardship.lru) {
            torus_->memory.pager.use_policy(ReplacementPolicy::lru);
        }
        content_ = std::make_shared<Content>();
        for (std::uint32_t index = 0; index < file_pages; ++index) {
            file_.set_word(index, 1000 + index);
            (*content_)[index] = 1000 + index;
            past_[index] = {0, 1000 + index};
        }
        // Each test begins with one program, at pages that lie in two tables.
        processes_.push_back(std::make_unique<Process>(Process{Program::start(torus_), {}}));
        loaded().program->load();
    }
    ~RandomPrograms() {
        disperse();
        processes_.clear();
        if (store_) {
            store_->end_all();
            if (area_->used() == 0) {
                torus_->memory.pager.remove_area(*area_);
            }
        }
    }

    void step() {
        Process& process = random_.once_in(2) ? loaded() : any();
        std::optional<FrameReservation> hog;
        if (starve_ && random_.once_in(3)) {
            const std::uint32_t free = torus_->memory.frames.available();
            Result<FrameReservation> taken =
                torus_->memory.frames.reserve(free - std::min(free, random_.below(random_.once_in(4) ? 61 : 3)));
            REQUIRE(taken);
            hog.emplace(std::move(*taken));
        }
        if (crowd_ == 0 && random_.once_in(30)) {
            crowd(any());
        }
        if (device_) {
            be_slow(process);
        }
        if (store_) {
            page_out();
        }
        if (store_ && random_.once_in(40)) {
            limit(any());
        }
        switch (random_.below(20)) {
        case 0:
        case 1: map(process); break;
        case 2: unmap(process); break;
        case 3:
        case 4: protect(process); break;
        case 5: remap(process); break;
        case 6: fork(process); break;
        case 7: end(process); break;
        case 8: advise(process); break;
        case 9: truncate(); break;
        case 10:
        case 11:
        case 12:
        case 13:
        case 14: write(process); break;
        case 15: run(process); break;
        default: read(process); break;
        }
        REQUIRE(torus_.machine.mmu().contradiction() == "");
    }
    void audit() {
        disperse();
        require_balanced(torus_);
    }
    void check_all() {
        for (const auto& process : processes_) {
            for (std::uint32_t page = first_page; page < first_page + page_count; ++page) {
                read_page(*process, page);
            }
        }
    }
    [[nodiscard]] std::uint64_t evictions() const { return evictions_; }
    void end_all() {
        disperse();
        processes_.clear();
        if (device_) {
            device_->bring_all();
        }
        if (store_) {
            store_->end_all();
        }
        REQUIRE(!file_.mapped());
        for (std::uint32_t index = 0; index < file_.pages(); ++index) {
            const Result<ObjectPage> page = file_.page(index, false); // it may be in a slot
            REQUIRE(page);
            if (store_) {
                store_->end_all();
            }
            REQUIRE(torus_->memory.frames.share_count(page->frame) == 1);
        }
        if (store_) {
            torus_->memory.pager.drop_copies(*area_);
            REQUIRE(area_->used() == 0);
        }
        audit();
    }

private:
    // The one that is loaded all the time.
    Process& loaded() { return *processes_.front(); }
    Process& any() { return *processes_[random_.below(static_cast<std::uint32_t>(processes_.size()))]; }

    // A page is asked for by somebody who does not wait for it; and some page comes that may have been so.
    void be_slow(Process& process) {
        if (random_.once_in(3)) {
            ask(process);
        }
        if (random_.once_in(4) && device_->late() != 0) {
            device_->bring_one(random_());
        }
    }

    // Some pages go to the disk, some transfers end, and some page is asked for by somebody who does not wait for it.
    void page_out() {
        for (std::uint32_t pages = random_.below(4); pages != 0; --pages) {
            const Page page(first_page + random_.below(page_count));
            const UserPte pte = any().program->tables().pte(page);
            if (pte.has_frame()) {
                const Eviction eviction = torus_->memory.pager.evict(pte.frame());
                evictions_ += eviction == Eviction::begun || eviction == Eviction::freed ? 1U : 0U;
            }
        }
        while (store_->under_way() != 0 && random_.once_in(2)) {
            store_->end_one(random_.below(static_cast<std::uint32_t>(store_->under_way())));
        }
        if (random_.once_in(4)) {
            ask(any());
        }
    }

    // Somebody asks for a page, and does not wait for it.
    void ask(Process& process) {
        static_cast<void>(process.program->handle_fault(Page(first_page + random_.below(page_count)).start(),
                                                        {.write = random_.once_in(2)}));
    }

    // Another limit of pages in memory, or another policy for them, or none.
    void limit(Process& process) {
        AddressSpace& space = *process.program;
        const auto policy = Replacement::all_policies[random_.below(Replacement::all_policies.size())];
        const bool ends = random_.once_in(4);
        const Result<void> done =
            random_.once_in(3)
                ? space.use_policy(ends ? std::nullopt : std::optional(policy))
                : space.limit_resident(ends ? std::nullopt
                                            : std::optional(space.least_resident_limit() + random_.below(20)));
        CHECK((done || done.error() == Error::limit_reached || starve_));
    }

    // Gives the frame behind some page of the process, if there is one, as many sharers as a count of 16 bits has room
    // for, or nearly, until the next audit.
    void crowd(Process& process) {
        crowded_ = process.program->page_state(Page(first_page + random_.below(page_count))).frame;
        FrameAllocator& frames = torus_->memory.frames;
        if (frames.is_counted(crowded_)) {
            const std::uint32_t most = 65535 - random_.below(2);
            while (frames.share_count(crowded_) < most) {
                must_succeed(frames.share(crowded_));
                ++crowd_;
            }
        }
    }
    void disperse() {
        for (; crowd_ != 0; --crowd_) {
            REQUIRE(torus_->memory.frames.release(crowded_));
        }
    }

    struct Range {
        std::uint32_t first = 0;
        std::uint32_t count = 0;
        [[nodiscard]] std::uint32_t end() const { return first + count; }
    };
    Range random_range() {
        if (random_.once_in(8)) { // all that is under one of the two tables
            return random_.once_in(2) ? Range{first_page, page_count / 2}
                                      : Range{first_page + page_count / 2, page_count / 2};
        }
        const std::uint32_t count = 1 + random_.below(random_.once_in(4) ? page_count : 6);
        const std::uint32_t first = first_page + random_.below(page_count);
        return {first, std::min(count, first_page + page_count - first)};
    }
    quire::Access random_access() {
        return {.read = !random_.once_in(6), .write = !random_.once_in(3), .execute = random_.once_in(3)};
    }
    static void erase(Model& model, Range range) {
        model.erase(model.lower_bound(range.first), model.lower_bound(range.end()));
    }
    // Whether it was done. Where it was not, the reason must be one that the caller knows, or that memory has run out.
    template <class T> bool done(const Result<T>& result, std::optional<Error> expected = std::nullopt) {
        if (result) {
            CHECK(!expected);
            return true;
        }
        if (expected && result.error() == *expected) {
            return false;
        }
        INFO("refused: " << name_of(result.error()));
        CHECK(starve_);
        CHECK((result.error() == Error::out_of_memory || result.error() == Error::would_block)); // the latter: madvise
        return false;
    }

    void map(Process& process) {
        const Range range = random_range();
        const bool file = random_.once_in(3);
        const bool shared = random_.once_in(3);
        MapRequest request{.hint = Page(range.first),
                           .pages = range.count,
                           .access = random_access(),
                           .shared = shared,
                           .fixed = true,
                           .populate = random_.once_in(8)};
        std::shared_ptr<Content> content = shared ? std::make_shared<Content>() : nullptr;
        if (file) {
            request.object = &file_;
            request.object_page = random_.below(file_pages);
            content = content_;
        }
        if (!done(process.program->map(request))) {
            return;
        }
        erase(process.model, range);
        for (std::uint32_t page = range.first; page < range.end(); ++page) {
            process.model[page] = {.access = request.access,
                                   .shared = shared,
                                   .is_file = file,
                                   .content = content,
                                   .index = request.object_page + page - range.first,
                                   .own = std::nullopt};
        }
    }

    void unmap(Process& process) {
        const Range range = random_range();
        if (done(process.program->unmap(Page(range.first), range.count))) {
            erase(process.model, range);
        }
    }

    // Where there is a hole, what lies before it is changed, unless memory runs out over that.
    void protect(Process& process) {
        const Range range = random_range();
        const quire::Access access = random_access();
        std::uint32_t end = range.first;
        while (end < range.end() && process.model.contains(end)) {
            ++end;
        }
        const bool all = end == range.end();
        const bool complete = done(process.program->protect(Page(range.first), range.count, access),
                                   all ? std::nullopt : std::optional(Error::out_of_memory));
        const Region* const region = process.program->find(Page(range.first));
        const bool changed = complete || (!all && end != range.first && (!starve_ || region->traits.access == access));
        for (std::uint32_t page = range.first; changed && page < end; ++page) {
            process.model[page].access = access;
        }
    }

    void remap(Process& process) {
        const Range from = random_range();
        const Range to = random_range();
        const bool overlap = from.first < to.end() && to.first < from.end();
        const Region* const region = process.program->find(Page(from.first));
        if (overlap || region == nullptr || region->end() < Page(from.end())) {
            return;
        }
        const bool keep = from.count == to.count && random_.once_in(3);
        if (!done(process.program->remap({.old_first = Page(from.first),
                                          .old_pages = from.count,
                                          .new_pages = to.count,
                                          .new_first = Page(to.first),
                                          .may_move = true,
                                          .fixed = true,
                                          .keep_old = keep}))) {
            return;
        }
        const ModelPage first = process.model.at(from.first);
        erase(process.model, to);
        for (std::uint32_t at = 0; at < to.count; ++at) {
            ModelPage page = first;
            page.index += at;
            page.own.reset();
            if (at < from.count) {
                page.own = process.model.at(from.first + at).own;
                page.may_go = process.model.at(from.first + at).may_go;
                process.model.at(from.first + at).own.reset();
            }
            process.model[to.first + at] = page;
        }
        if (!keep) {
            erase(process.model, from);
        }
    }

    void fork(Process& process) {
        if (processes_.size() == 6) {
            return;
        }
        const Result<AddressSpace*> space = process.program->clone();
        if (!done(space)) {
            return;
        }
        Model copy;
        for (const auto& [number, page] : process.model) {
            if (page.dont_fork) {
                continue;
            }
            copy[number] = page;
            if (page.wipe) {
                copy[number].own.reset();
            }
        }
        processes_.push_back(std::make_unique<Process>(Process{Program(torus_, **space), std::move(copy)}));
    }

    void end(Process& process) {
        if (&process == &loaded()) {
            process.program->clear();
            process.model.clear();
            return;
        }
        std::erase_if(processes_, [&](const auto& each) { return each.get() == &process; });
    }

    void advise(Process& process) {
        const Range range = random_range();
        const Region* const region = process.program->find(Page(range.first));
        if (region == nullptr || region->end() < Page(range.end())) {
            return;
        }
        const bool anonymous = region->object == nullptr;
        const auto refused = anonymous ? std::nullopt : std::optional(Error::invalid_argument);
        const auto for_each = [&](auto&& change) {
            for (std::uint32_t page = range.first; page < range.end(); ++page) {
                change(process.model.at(page));
            }
        };
        switch (random_.below(store_ ? 9 : 5)) {
        case 0:
            if (done(process.program->advise(Page(range.first), range.count, Advice::dont_need))) {
                for_each([](ModelPage& page) { page.own.reset(); });
            }
            break;
        case 1:
            if (done(process.program->advise(Page(range.first), range.count, Advice::free), refused)) {
                for_each([this](ModelPage& page) {
                    page.may_go = true;
                    if (!store_) {
                        page.own.reset();
                    }
                });
            }
            break;
        case 5: CHECK(process.program->advise(Page(range.first), range.count, Advice::cold)); break;
        case 6: CHECK(process.program->advise(Page(range.first), range.count, Advice::will_need)); break;
        case 7:
        case 8: put_out(process, range); break;
        case 2:
            if (done(process.program->advise(Page(range.first), range.count, Advice::wipe_on_fork), refused)) {
                for_each([](ModelPage& page) { page.wipe = true; });
            }
            break;
        case 3:
            if (done(process.program->advise(Page(range.first), range.count, Advice::dont_fork))) {
                for_each([](ModelPage& page) { page.dont_fork = true; });
            }
            break;
        default:
            if (done(process.program->advise(Page(range.first), range.count, Advice::do_fork))) {
                for_each([](ModelPage& page) { page.dont_fork = false; });
            }
            break;
        }
    }

    // What the program says may go, goes: where too many are on their way, after them.
    void put_out(Process& process, Range range) {
        while (process.program->advise(Page(range.first), range.count, Advice::page_out) == fail(Error::must_wait)) {
            REQUIRE(store_->under_way() != 0);
            store_->end_one(random_.below(static_cast<std::uint32_t>(store_->under_way())));
        }
    }

    // The file becomes shorter or longer. What is cut off is gone, private copies of it too. Or it gets a hole, which
    // leaves private copies as they are.
    void truncate() {
        if (random_.once_in(3)) {
            const std::uint32_t first = random_.below(file_pages);
            const std::uint32_t count = 1 + random_.below(3);
            REQUIRE(file_.discard(first, count));
            content_->erase(content_->lower_bound(first), content_->lower_bound(first + count));
        }
        if (!random_.once_in(4)) {
            return;
        }
        const std::uint32_t pages = random_.below(file_pages + 1);
        file_.truncate(pages);
        content_->erase(content_->lower_bound(pages), content_->end());
        for (const auto& process : processes_) {
            for (auto& [number, page] : process->model) {
                if (page.is_file && page.index >= pages) {
                    page.own.reset();
                }
            }
        }
    }

    // What an access must come to: nothing where it is done.
    std::optional<FaultOutcome> expected(const Process& process, std::uint32_t number, bool write) const {
        const auto found = process.model.find(number);
        if (found == process.model.end()) {
            return FaultOutcome::no_region;
        }
        const ModelPage& page = found->second;
        if (!(write ? page.access.write : page.access.any())) {
            return FaultOutcome::protection_error;
        }
        const bool past_end = page.is_file && page.index >= file_.pages() && !page.own;
        // Shared memory is as large as it was when it was made, also where remap made the mapping longer.
        return past_end ? std::optional(FaultOutcome::past_end) : std::nullopt;
    }
    // Whether the outcome is the expected one, or memory has run out, or shared memory has.
    template <class T>
    bool done(const Process& process, std::uint32_t number, const std::expected<T, FaultOutcome>& result, bool write) {
        const std::optional<FaultOutcome> refusal = expected(process, number, write);
        if (result) {
            CHECK(!refusal);
            return !refusal;
        }
        const bool starved = starve_ && result.error() == FaultOutcome::out_of_memory;
        const auto found = process.model.find(number);
        const bool beyond = found != process.model.end() && found->second.shared && !found->second.is_file &&
                            result.error() == FaultOutcome::past_end;
        INFO("page " << number << ": " << name_of(result.error()));
        CHECK((starved || beyond || refusal == result.error()));
        return false;
    }

    void write(Process& process) {
        const std::uint32_t number = first_page + random_.below(page_count);
        const std::uint32_t value = random_();
        if (done(process, number, write_word(process, Page(number).start(), value), true)) {
            ModelPage& page = process.model.at(number);
            if (page.shared) {
                (*page.content)[page.index] = value;
                if (page.is_file) {
                    past_[page.index].insert(value);
                }
            } else {
                page.own = value;
                page.may_go = false;
            }
        }
    }
    static std::expected<void, FaultOutcome> write_word(Process& process, VirtAddr address, std::uint32_t value) {
        Program& program = process.program;
        return program->loaded() ? program.write(address, value) : program.write_from_outside(address, value);
    }
    void read(Process& process) { read_page(process, first_page + random_.below(page_count)); }
    void read_page(Process& process, std::uint32_t number) {
        Program& program = process.program;
        const VirtAddr address = Page(number).start();
        const auto result = program->loaded() ? program.read(address) : program.read_from_outside(address);
        if (done(process, number, result, false)) {
            ModelPage& page = process.model.at(number);
            if (page.own && page.may_go && *result == 0) {
                page.own = 0;
            }
            if (page.is_file && !page.shared && !page.own && is_copy(program, number)) {
                page.own = *result;
                CHECK(past_[page.index].contains(*result));
            }
            CHECK(*result == page.word());
        }
    }
    // Whether a private page is a copy already: of who populates, or touches to write and is refused something else, or
    // does not wait. It is then what the file was at that time; zeros that came back from swap space are nobody's page.
    bool is_copy(Program& program, std::uint32_t number) {
        const PageState state = program->page_state(Page(number));
        return state.resident && (state.owner == Owner::anonymous || state.owner == Owner::zero);
    }
    void run(Process& process) {
        const std::uint32_t number = first_page + random_.below(page_count);
        Program& program = process.program;
        const VirtAddr address = Page(number).start();
        const auto result = program->loaded() ? program.run(address) : program.run_from_outside(address);
        const auto found = process.model.find(number);
        if (found != process.model.end() && !found->second.access.execute) {
            CHECK(result == std::unexpected(FaultOutcome::protection_error));
        } else {
            (void)done(process, number, result, false);
        }
    }

    BootedTorus torus_{MachineOptions{.ram = 16U << 20}};
    TestFile file_{torus_->memory, file_pages, true};
    std::shared_ptr<Content> content_;
    std::map<std::uint32_t, std::set<std::uint32_t>> past_; // of the file's pages, by index: all that each has been
    Random random_;
    bool starve_;
    std::optional<SlowDevice> device_;
    std::optional<FakeStore> store_;
    SwapArea* area_ = nullptr;
    std::uint64_t evictions_ = 0;
    Frame crowded_;
    std::uint32_t crowd_ = 0; // shares that crowd() took of it
    std::vector<std::unique_ptr<Process>> processes_;
};

void run_programs(std::uint32_t seed, Hardship hardship) {
    INFO("seed " << seed);
    RandomPrograms programs(seed, hardship);
    const std::uint64_t steps = effort(3000);
    for (std::uint64_t step = 0; step < steps; ++step) {
        INFO("step " << step);
        programs.step();
        if (step % 64 == 63) {
            programs.audit();
        }
    }
    programs.check_all();
    programs.end_all();
    CHECK((programs.evictions() != 0) == hardship.paged);
}

} // namespace

TEST_CASE("programs find in memory what a naive model says, whatever they do") {
    for (std::uint32_t seed = 1; seed <= 20; ++seed) {
        run_programs(seed, {.slow = seed % 2 == 0});
    }
}

TEST_CASE("programs find what they should when memory runs out in between") {
    for (std::uint32_t seed = 101; seed <= 120; ++seed) {
        run_programs(seed, {.starve = true, .slow = seed % 2 == 0});
    }
}

TEST_CASE("programs find in memory what a naive model says while a disk has most of it") {
    for (std::uint32_t seed = 201; seed <= 220; ++seed) {
        run_programs(seed, {.starve = seed % 4 == 0, .slow = seed % 4 == 1, .paged = true});
    }
}

TEST_CASE("programs find in memory what a naive model says while each touch is watched") {
    for (std::uint32_t seed = 301; seed <= 320; ++seed) {
        run_programs(seed, {.starve = seed % 4 == 0, .slow = seed % 4 == 1, .paged = true, .lru = true});
    }
}
