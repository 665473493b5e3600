// Random operations on a page directory beside a std::map that knows what should be mapped. Results and errors must
// agree; so must what a program sees through the MMU and its TLB, after each step; the books, every so often.
#include "kernel/memory/paging/page_directory.h"
#include "tests/host/machine/simulated_machine.h"
#include "tests/host/machine/test_tables.h"
#include "tests/host/support/random.h"
#include "tests/host/support/string_sink.h"

#include <array>
#include <catch2/catch.hpp>
#include <iterator>
#include <map>
#include <optional>
#include <vector>

namespace quire {
namespace {

using test::Access;
using test::Random;
using test::Ring;
using test::SimulatedMachine;

// --- What should be

struct Mapping {
    Frame frame;
    Protection protection;
    bool large = false;

    [[nodiscard]] std::uint32_t pages() const { return large ? entries_per_table : 1; }
};

// The first part of a range that lies in one 4 MiB.
struct Part {
    std::uint32_t first, count;
};
std::vector<Part> parts_of(std::uint32_t first, std::uint32_t count) {
    std::vector<Part> parts;
    while (count != 0) {
        const std::uint32_t here = std::min(count, entries_per_table - first % entries_per_table);
        parts.push_back({first, here});
        first += here;
        count -= here;
    }
    return parts;
}

class Model {
public:
    [[nodiscard]] std::optional<Mapping> at(std::uint32_t page) const {
        auto it = mappings_.upper_bound(page);
        if (it == mappings_.begin()) {
            return {};
        }
        --it;
        if (page >= it->first + it->second.pages()) {
            return {};
        }
        Mapping mapping = it->second;
        mapping.frame = mapping.frame + (page - it->first);
        return mapping;
    }

    [[nodiscard]] Result<void> map_range(std::uint32_t first, Frame frame, std::uint32_t count, Protection protection,
                                         std::optional<std::uint32_t> tables_left) {
        if (protection.user && (first + count > PageDirectory::first_kernel_page.number() || protection.global)) {
            return fail(Error::invalid_argument);
        }
        const auto inside = mappings_.lower_bound(first);
        if (at(first) || (inside != mappings_.end() && inside->first < first + count)) {
            return fail(Error::already_mapped);
        }
        std::uint32_t needed = 0;
        for (const Part part : parts_of(first, count)) {
            needed += !goes_large(part, frame + (part.first - first)) && !has_table(part.first) ? 1U : 0U;
        }
        if (tables_left && *tables_left < needed) {
            return fail(Error::out_of_memory);
        }
        for (const Part part : parts_of(first, count)) {
            const Frame from = frame + (part.first - first);
            const bool large = goes_large(part, from);
            for (std::uint32_t index = 0; index < (large ? 1 : part.count); ++index) {
                mappings_[part.first + index] = {from + index, protection, large};
            }
        }
        return {};
    }

    // What unmap_range and protect_range both ask for.
    [[nodiscard]] Result<void> may_change(std::uint32_t first, std::uint32_t count) const {
        for (const Part part : parts_of(first, count)) {
            const auto mapping = at(part.first);
            if (mapping && mapping->large) {
                if (part.count != entries_per_table) {
                    return fail(Error::large_page);
                }
                continue;
            }
            for (std::uint32_t index = 0; index < part.count; ++index) {
                if (!at(part.first + index)) {
                    return fail(Error::not_mapped);
                }
            }
        }
        return {};
    }
    void unmap(std::uint32_t first, std::uint32_t count) {
        mappings_.erase(mappings_.lower_bound(first), mappings_.lower_bound(first + count));
    }
    void protect(std::uint32_t first, std::uint32_t count, Protection protection) {
        for (auto it = mappings_.lower_bound(first); it != mappings_.end() && it->first < first + count; ++it) {
            it->second.protection = protection;
        }
    }

    [[nodiscard]] std::uint32_t tables() const {
        std::uint32_t tables = 0;
        std::uint32_t last = ~0U;
        for (const auto& [page, mapping] : mappings_) {
            tables += !mapping.large && page / entries_per_table != last ? 1U : 0U;
            last = page / entries_per_table;
        }
        return tables;
    }
    [[nodiscard]] const std::map<std::uint32_t, Mapping>& mappings() const { return mappings_; }

private:
    static bool goes_large(Part part, Frame frame) {
        return part.count == entries_per_table && frame.number() % entries_per_table == 0;
    }
    [[nodiscard]] bool has_table(std::uint32_t page) const {
        const std::uint32_t start = page / entries_per_table * entries_per_table;
        const auto it = mappings_.lower_bound(start);
        return it != mappings_.end() && it->first < start + entries_per_table;
    }

    std::map<std::uint32_t, Mapping> mappings_;
};

// --- What is

class Run {
public:
    Run(std::uint32_t seed, bool tables_in_windows)
        : random_(seed), memory_(tables_in_windows ? 0x400 : 0x4000),
          tables_(machine_.ram(), {Frame(tables_in_windows ? 0x2000 : 0x200), 0x40}),
          directory_(*PageDirectory::create(memory_, tables_, {true, true})) {
        machine::enable_paging_features();
        REQUIRE(directory_.add_temporary_table());
        directory_.load();
    }
    ~Run() { load_boot_directory(); }
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    // One random operation, and a look at what it did. False at the first disagreement.
    [[nodiscard]] bool step() {
        const std::uint32_t count = pick_count();
        const std::uint32_t first = pick_page(count);
        bool agree = true;
        switch (random_.below(8)) {
        case 0:
        case 1: agree = map_range(first, 1); break;
        case 2: agree = map_range(first, count); break;
        case 3: agree = map_range(first / entries_per_table * entries_per_table, entries_per_table); break;
        case 4: agree = unmap(first); break;
        case 5: agree = change(first, count, true); break;
        case 6: agree = change(first, count, false); break;
        default: agree = random_.once_in(4) ? unmap_part(first) : switch_directories(); break;
        }
        // The ends of the range, what lies beside it, and some page or other.
        const std::uint32_t beside = random_.once_in(2) ? first - 1 : first + count;
        return agree && sees(first) && sees(first + count - 1) && sees(beside) && sees(pick_page(1));
    }

    // Everything at once: the audit, every mapping, the tables.
    [[nodiscard]] bool books_balance() {
        test::StringSink sink;
        AuditReport report(sink);
        directory_.audit(report);
        std::map<std::uint32_t, Mapping> seen;
        directory_.for_each_run([&](const MappedRun& run) {
            if (run.first.start() == machine::temporary_start) {
                return;
            }
            const std::uint32_t size = run.large ? entries_per_table : 1;
            for (std::uint32_t index = 0; index < run.count; index += size) {
                seen[run.first.number() + index] = {run.frame + index, run.protection, run.large};
            }
        });
        const auto same = [](const auto& a, const auto& b) {
            return a.first == b.first && a.second.frame == b.second.frame && a.second.large == b.second.large &&
                   a.second.protection == b.second.protection;
        };
        const auto& expected = model_.mappings();
        INFO(sink.text());
        CHECK(report.failures() == 0);
        CHECK(std::equal(seen.begin(), seen.end(), expected.begin(), expected.end(), same));
        CHECK(tables_.out() == 2 + model_.tables());
        CHECK(memory_.temporary_mappings() == 0);
        return report.failures() == 0 && tables_.out() == 2 + model_.tables();
    }
    [[nodiscard]] const TlbStatistics& statistics() const { return statistics_; }
    // Operations that were not refused.
    [[nodiscard]] std::uint32_t changes() const { return changes_; }
    [[nodiscard]] SimulatedMachine& machine() { return machine_; }

private:
    // Few 4 MiB parts, so that operations meet: low ones, both sides of 3 GiB, the top.
    std::uint32_t pick_page(std::uint32_t count) {
        static constexpr std::array<std::uint32_t, 10> parts{0, 1, 2, 3, 766, 767, 768, 769, 1022, 1023};
        std::uint32_t page = parts[random_.below(parts.size())] * entries_per_table;
        // Near the edges more often than not.
        page += random_.once_in(4)
                    ? random_.below(entries_per_table)
                    : (random_.once_in(2) ? random_.below(24) : entries_per_table - 1 - random_.below(24));
        return std::min(page, PageDirectory::end_of_pages.number() - count);
    }
    std::uint32_t pick_count() {
        switch (random_.below(8)) {
        case 0: return 1 + random_.below(60);
        case 1: return random_.once_in(32) ? 1 + random_.below(2 * entries_per_table) : 1;
        default: return 1 + random_.below(6);
        }
    }
    Protection pick_protection() {
        const std::uint32_t bits = random_();
        return {.writable = (bits & 1) != 0,
                .user = (bits & 2) != 0,
                .global = (bits & 12) == 0,
                .write_through = (bits & 0x70) == 0,
                .cache_disabled = (bits & 0x700) == 0};
    }

    bool map_range(std::uint32_t first, std::uint32_t count) {
        // A whole 4 MiB by small pages is slow to check, so it is rare.
        const bool aligned = count >= entries_per_table ? !random_.once_in(16) : random_.once_in(3);
        const Frame frame(aligned ? random_.below(8) * entries_per_table : random_.below(0x4000));
        const Protection protection = pick_protection();
        std::optional<std::uint32_t> left;
        if (random_.once_in(8)) {
            left = random_.below(2);
        }
        tables_.fail_after(left);
        const auto result = directory_.map_range(Page(first), frame, count, protection);
        tables_.fail_after({});
        changes_ += result ? 1U : 0U;
        return result == model_.map_range(first, frame, count, protection, left);
    }
    bool unmap(std::uint32_t page) {
        TlbFlush flush(statistics_);
        const auto result = directory_.unmap(Page(page), flush);
        flush.commit();
        const auto mapping = model_.at(page);
        if (const auto allowed = model_.may_change(page, 1); !allowed) {
            return result == fail(allowed.error());
        }
        ++changes_;
        model_.unmap(page, 1);
        return result == mapping->frame;
    }
    bool change(std::uint32_t first, std::uint32_t count, bool unmap) {
        // Make it a whole 4 MiB page now and then, and else what is really mapped there.
        if (const auto mapping = model_.at(first); mapping && mapping->large && !random_.once_in(8)) {
            first = first / entries_per_table * entries_per_table;
            count = entries_per_table;
        }
        const Protection protection = pick_protection();
        TlbFlush flush(statistics_);
        const auto result = unmap ? directory_.unmap_range(Page(first), count, flush)
                                  : directory_.protect_range(Page(first), count, protection, flush);
        flush.commit();
        auto expected = model_.may_change(first, count);
        const bool refused =
            protection.user && (first + count > PageDirectory::first_kernel_page.number() || protection.global);
        if (!unmap && expected && refused) {
            expected = fail(Error::invalid_argument);
        }
        if (expected && unmap) {
            model_.unmap(first, count);
        }
        if (expected && !unmap) {
            model_.protect(first, count, protection);
        }
        changes_ += expected ? 1U : 0U;
        return result == expected;
    }
    // Everything in the 4 MiB around `page`, piece by piece: without that they would fill up and stay full.
    bool unmap_part(std::uint32_t page) {
        const std::uint32_t start = page / entries_per_table * entries_per_table;
        const std::uint32_t end = start + entries_per_table;
        const auto& mappings = model_.mappings();
        for (auto it = mappings.lower_bound(start); it != mappings.end() && it->first < end;
             it = mappings.lower_bound(start)) {
            const std::uint32_t first = it->first;
            std::uint32_t count = it->second.pages();
            while (first + count < end && mappings.contains(first + count)) {
                ++count;
            }
            if (!change(first, count, true)) {
                return false;
            }
        }
        return true;
    }
    // Changes are also made while another directory is loaded.
    bool switch_directories() {
        if (random_.once_in(2)) {
            load_boot_directory();
        } else {
            directory_.load();
        }
        return true;
    }
    static void load_boot_directory() { machine::load_page_directory(SimulatedMachine::boot_frames().first.start()); }

    // Whether both rings can read, or write, `page` through the TLB as the model says, and get there.
    bool sees(std::uint32_t page) {
        if (page >= PageDirectory::end_of_pages.number()) {
            return true;
        }
        const auto mapping = model_.at(page);
        const auto looked_up = directory_.translate(Page(page).start());
        if (looked_up.has_value() != mapping.has_value() ||
            (mapping && (looked_up->frame() != mapping->frame || looked_up->protection != mapping->protection))) {
            return false;
        }
        if (!directory_.loaded()) {
            return true;
        }
        const Access access = random_.once_in(2) ? Access::read : Access::write;
        return sees(page, mapping, access, Ring::kernel) && sees(page, mapping, access, Ring::user);
    }
    bool sees(std::uint32_t page, const std::optional<Mapping>& mapping, Access access, Ring ring) {
        const VirtAddr address = Page(page).start() + 0x123;
        const auto result = machine_.mmu().translate(address, access, ring);
        if (!mapping) {
            return !result && (result.error().code & test::fault_code::present) == 0;
        }
        const Protection& protection = mapping->protection;
        if ((ring == Ring::user && !protection.user) || (access == Access::write && !protection.writable)) {
            return !result && (result.error().code & test::fault_code::present) != 0;
        }
        return result == mapping->frame.start() + 0x123;
    }

    Random random_;
    SimulatedMachine machine_;
    PhysicalMemory memory_;
    test::TestTables tables_;
    PageDirectory directory_;
    TlbStatistics statistics_;
    Model model_;
    std::uint32_t changes_ = 0;
};

void run_steps(std::uint32_t seed, bool tables_in_windows) {
    constexpr std::uint32_t steps = 250'000;
    constexpr std::uint32_t steps_between_audits = 5'000;
    Run run(seed, tables_in_windows);
    for (std::uint32_t step = 0; step < steps; ++step) {
        CAPTURE(seed, step);
        if (!run.step()) {
            FAIL("model and page directory disagree");
        }
        if (step % steps_between_audits == 0) {
            REQUIRE(run.books_balance());
            REQUIRE(run.machine().mmu().contradiction() == "");
        }
    }
    // The steps were not all refused, every way of flushing was used, and so was the TLB.
    CHECK(run.changes() > steps / 4);
    CHECK(run.statistics().pages_invalidated > steps / 10);
    CHECK(run.statistics().full_flushes > steps / 200);
    CHECK(run.statistics().global_flushes > steps / 1000);
    CHECK(run.machine().mmu().tlb().counts().hits > steps / 4);
}

// A million steps in all; four cases, so that they run side by side.
TEST_CASE("random operations agree with a model, tables in the direct map", "[paging][model]") {
    run_steps(1, false);
}
TEST_CASE("other random operations agree with a model, tables in the direct map", "[paging][model]") {
    run_steps(2, false);
}
TEST_CASE("random operations agree with a model, tables behind windows", "[paging][model]") {
    run_steps(3, true);
}
TEST_CASE("other random operations agree with a model, tables behind windows", "[paging][model]") {
    run_steps(4, true);
}

} // namespace
} // namespace quire
