// Processes that do at random what processes do (touch memory, fork, exec, wait, send signals and handle them, talk
// through pipes, sleep, end), switched by the real scheduler, against a naive model. After every few hundred steps all
// books balance, and no translation in the TLB contradicts the loaded tables; at the end nothing is left. In some runs
// pages come late, and shared ones that nobody has pinned are taken away again as soon as they have come; in some,
// memory runs out now and then.
#include "kernel/process/exec/exec.h"
#include "kernel/process/lifecycle/exit.h"
#include "kernel/process/send_signal.h"
#include "kernel/process/userland/userland.h"
#include "kernel/torus/audit.h"
#include "kernel/torus/chaos_paging.h"
#include "kernel/torus/slow_pages.h"
#include "tests/host/fs/archive/archive_builder.h"
#include "tests/host/support/booted_torus.h"
#include "tests/host/support/fake_store.h"
#include "tests/host/support/programs.h"
#include "tests/host/support/random.h"
#include "tests/host/support/string_sink.h"

#include <algorithm>
#include <array>
#include <asm/unistd_32.h>
#include <catch2/catch.hpp>
#include <cerrno>
#include <cstring>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quire::test {
namespace {

// Where programs put what they map.
constexpr Page private_start(0x20000), shared_start(0x30000);
constexpr std::uint32_t private_pages = 24, shared_pages = 6, shared_slots = 3;
constexpr std::uint32_t most_processes = 24;

// What a process has in memory, as far as its own writes tell: a word in each page that is mapped.
struct Model {
    std::array<std::optional<std::uint32_t>, private_pages> words;
    std::array<std::uint32_t, shared_slots> shared{}; // which shared piece is mapped there; 0: none
    std::uint32_t pipe = 0;                           // which one it shares with its family; 0: none
    std::uint32_t pipe_read_end = 0, pipe_write_end = 0;
};

struct Failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// A view, for a string made before a call that is the process's last would never be freed.
void expect(bool holds, std::string_view what) {
    if (!holds) {
        throw Failure(std::string(what));
    }
}

struct Hardship {
    std::uint32_t slow_pages = 0; // every so many-th new page comes late; 0: none does
    bool starve = false;          // memory runs out now and then
    std::uint64_t steps = 84'000; // fewer where each costs much
    bool paged = false;           // pages of their own go to a disk all the time
    bool chaos = false;           // also before each copy to or from them: the boot option replacement=chaos
    bool lru = false;             // by their last touches, which are watched
};

class Simulation final : public Ring3 {
public:
    Simulation(std::uint32_t seed, Hardship hardship)
        : torus_({.ram = 64U << 20}), random_(seed), userland_(torus_->memory, {}, load(archive()), notes_),
          starve_(hardship.starve), lru_(hardship.lru) {
        torus_->userland = &userland_;
        torus_.machine.set_programs(this);
        if (hardship.slow_pages != 0) {
            slow_.emplace(userland_.processes, hardship.slow_pages);
        }
        if (hardship.paged) {
            store_.emplace(torus_, 4096);
            const Result<SwapArea*> area = torus_->memory.pager.add_area(*store_, store_->header(), std::nullopt);
            REQUIRE(area);
            area_ = *area;
        }
        if (hardship.chaos) {
            chaos_.emplace(userland_);
        }
        if (hardship.lru) {
            torus_->memory.pager.use_policy(ReplacementPolicy::lru);
        }
    }
    ~Simulation() {
        chaos_.reset();
        slow_.reset();
        if (store_) {
            store_->end_all();
        }
        if (area_ != nullptr && area_->used() == 0) {
            torus_->memory.pager.remove_area(*area_);
        }
        torus_.machine.set_programs(nullptr);
        torus_->userland = nullptr;
    }

    // Runs processes for so many steps, then lets all of them end.
    void run(std::uint64_t steps) {
        free_at_start_ = free_frames();
        last_step_ = steps;
        while (step_ < last_step_) {
            if (userland_.processes.count() == 0) {
                start();
            }
            wake_if_all_wait();
            end_transfers(true);
            userland_.processes.scheduler.wait_for_event();
        }
        hog_.reset();
        while (userland_.processes.count() != 0) {
            userland_.processes.for_each([](Process& each) {
                may_fail(send_signal(each, {.number = signal_number::kill, .code = signal_code::kernel}));
            });
            end_transfers(true);
            userland_.processes.scheduler.wait_for_event();
            bury_ended();
        }
        end_transfers(true);
        while (torus_->memory.requests.pending() != 0) {
            userland_.processes.scheduler.wait_for_event();
        }
        audit();
        REQUIRE(free_frames() == free_at_start_);
        REQUIRE((area_ == nullptr || area_->used() == 0));
        forked_.clear(); // of those that were killed before they ran
    }

    [[nodiscard]] std::uint64_t steps() const { return step_; }
    [[nodiscard]] const std::map<std::string, std::uint64_t>& counts() const { return counts_; }

    // Ring3
    [[noreturn]] void run(const machine::TrapFrame& registers) override {
        Process& process = userland_.processes.current();
        const std::uint32_t id = process.id;
        adopt(process);
        Processor processor(torus_, registers);
        processor.settle();
        while (true) {
            expect(userland_.processes.current().id == id, "a process runs on its own stack");
            if (++step_ >= last_step_) {
                ended_[id] = 0;
                processor.call(__NR_exit, 0);
            }
            if (step_ % audit_interval == 0) {
                audit();
            }
            check_translations();
            if (slow_) {
                take_shared_pages();
            }
            if (store_) {
                put_pages_out();
                end_transfers(false);
            }
            if (starve_ && random_.below(50) == 0) {
                starve();
            }
            begun_[id] = process.thread.voluntary_switches;
            const std::uint64_t handled = processor.handled();
            step(process, processor);
            counts_["handlers"] += processor.handled() - handled;
        }
    }

private:
    static constexpr std::uint64_t audit_interval = 500;

    static std::string archive() {
        return ArchiveBuilder().directory("bin").add("bin/program", 0100755, tiny_program()).finish();
    }
    ArchiveExtent load(const std::string& bytes) {
        return {torus_.load(bytes), static_cast<std::uint32_t>(bytes.size())};
    }

    // What is kept to be quicker does not count.
    std::uint32_t free_frames() {
        userland_.processes.give_back_unused();
        return torus_->memory.frames.free_count();
    }

    void start() {
        static constexpr std::string_view path("/bin/program\0", 13);
        const ArgumentBlock block{.arguments = path, .argument_count = 1, .environment = {}, .environment_count = 0};
        const Result<Process*> started = start_program(userland_, "/bin/program", block);
        if (!started) {
            expect(hog_.has_value(), "a program can be started");
            hog_.reset();
            return;
        }
        memories_[(*started)->id] = {};
    }

    // The kernel is the parent of those it started, and of orphans, which are forgotten by themselves.
    void bury_ended() {
        const auto waited = wait_for_child(userland_.processes.kernel(), {.no_hang = true});
        if (waited && waited->id != 0) {
            memories_.erase(waited->id);
        }
    }

    // Where everybody waits for somebody else, one has to end: the model has no idea of deadlocks.
    void wake_if_all_wait() {
        bury_ended();
        if (userland_.processes.scheduler.ready_count() != 0 || ++idle_rounds_ < 50) {
            return;
        }
        idle_rounds_ = 0;
        userland_.processes.for_each([&](Process& each) {
            if (random_.below(2) == 0) {
                killed_[each.id] = signal_number::kill;
                may_fail(send_signal(each, {.number = signal_number::kill, .code = signal_code::kernel}));
            }
        });
    }

    // A process that has just begun knows what its parent knew when it forked.
    void adopt(const Process& process) {
        const auto forked = forked_.find(process.registers().ebx);
        if (forked != forked_.end() && forked->second.parent != process.id) {
            memories_[process.id] = forked->second.memory;
            forked_.erase(forked);
        }
        expect(memories_.contains(process.id), "each process comes from a fork, or was started");
    }

    Model& memory_of(const Process& process) { return memories_.at(process.id); }

    void audit() {
        AuditReport report(notes_);
        audit_torus(*torus_, report);
        expect(report.failures() == 0, "the books balance: " + notes_.text());
        userland_.processes.for_each([&](const Process& each) {
            // Signals, too, make a call begin anew, but not that often.
            constexpr std::uint32_t patience = 300;
            expect(!begun_.contains(each.id) || each.thread.voluntary_switches - begun_[each.id] < patience,
                   "process " + std::to_string(each.id) + " gets on: nobody waits for ever for one thing");
        });
    }

    // No translation in the TLB may contradict the tables that are loaded.
    void check_translations() {
        const std::string contradiction = torus_.machine.mmu().contradiction();
        expect(contradiction.empty(), "the TLB and the tables agree: " + contradiction);
    }

    // What the most eager replacement of pages might do: all shared pages that nobody has pinned go from all tables.
    void take_shared_pages() {
        userland_.processes.for_each([&](const Process& each) {
            if (!each.space || random_.below(2) != 0) {
                return;
            }
            each.space->for_each_region([&](const Region& region) {
                if (region.object == nullptr || !region.traits.shared) {
                    return;
                }
                for (std::uint32_t at = 0; at < region.pages; ++at) {
                    const UserPte pte = each.space->tables().pte(region.first + at);
                    const bool here = pte.has_frame() && torus_->memory.requests.find(pte.frame()) == nullptr;
                    if (here && !torus_->memory.pinned.is_pinned(pte.frame())) {
                        region.object->unmap_pages(region.object_page + at, 1, MemoryObject::PrivateCopies::stay);
                        count("pages taken away");
                    }
                }
            });
        });
    }

    // What the most eager replacement of pages might do: any page goes at any time.
    void put_pages_out() {
        Pager& pager = torus_->memory.pager;
        userland_.processes.for_each([&](const Process& each) {
            if (!each.space || random_.below(2) != 0) {
                return;
            }
            each.space->for_each_region([&](const Region& region) {
                for (std::uint32_t at = 0; at < region.pages && at < private_pages; ++at) {
                    const UserPte pte = each.space->tables().pte(region.end() - 1 - at);
                    if (pte.has_frame() && random_.below(2) == 0) {
                        count_eviction(region, pte, pager.evict(pte.frame()));
                    }
                }
            });
        });
    }
    void count_eviction(const Region& region, UserPte pte, Eviction eviction) {
        if (eviction == Eviction::freed || eviction == Eviction::begun) {
            count(eviction == Eviction::freed ? "pages dropped" : "pages put out");
            count(region.traits.shared ? "of them shared pages" : "of them private pages");
            count(pte.is_present() ? "of them pages in use" : "of them pages that nobody may touch");
            count(region.traits.grows_down ? "of them pages of a stack" : "of them other pages");
        }
    }
    // Some transfers end, or all do.
    void end_transfers(bool all) {
        while (store_ && store_->under_way() != 0 && (all || random_.below(3) != 0)) {
            store_->end_one(random_.below(static_cast<std::uint32_t>(store_->under_way())));
        }
    }

    // Leaves some frames free, or all.
    void starve() {
        hog_.reset();
        if (random_.below(2) == 0) {
            FrameAllocator& frames = torus_->memory.frames;
            const std::uint32_t left = random_.below(120);
            Result<FrameReservation> taken = frames.reserve(frames.available() - std::min(frames.available(), left));
            hog_.emplace(*std::move(taken));
            count("shortages");
        }
    }
    // Whether a call was refused for want of memory, which only happens where there may be none.
    bool starved(std::int32_t answer) {
        const bool refused = answer == -ENOMEM || answer == -EAGAIN;
        count(refused && starve_ ? "calls refused for want of memory" : "calls not refused");
        return refused && starve_;
    }

    void step(Process& process, Processor& processor) {
        idle_rounds_ = 0;
        if (random_.below(4) == 0) {
            processor.tick();
        }
        switch (random_.below(29)) {
        case 28: return limit(process);
        case 26:
        case 27: return pipe_to_shared(process, processor);
        case 20: return protect(process, processor);
        case 21: return move(process, processor);
        case 22: return make_pipe(process, processor);
        case 23:
        case 24: return talk(process, processor);
        case 25: return listen(process, processor);
        case 0:
        case 1:
        case 2:
        case 3: return touch(process, processor, random_.below(2) == 0);
        case 4:
        case 5:
        case 6: return touch_shared(process, processor, random_.below(2) == 0);
        case 7: return map_private(process, processor);
        case 8: return unmap_private(process, processor);
        case 9: return map_shared(process, processor);
        case 10: return forget_pages(process, processor);
        case 11: return fork(process, processor);
        case 12: return execute(process, processor);
        case 13: return end(process, processor);
        case 14: return wait(process, processor);
        case 15: return kill(process, processor);
        case 16: return handle(processor);
        case 17: return pipe(process, processor);
        case 18: return sleep(processor);
        default: processor.call(__NR_sched_yield); count("yields");
        }
    }

    void count(const std::string& what) { ++counts_[what]; }

    static VirtAddr address_of(Page start, std::uint32_t at) { return (start + at).start(); }

    void touch(Process& process, Processor& processor, bool write) {
        const std::uint32_t at = random_.below(private_pages);
        const auto& known = memory_of(process).words[at];
        if (!known) {
            return;
        }
        if (write) {
            const std::uint32_t word = random_();
            processor.write(address_of(private_start, at), word);
            memory_of(process).words[at] = word;
            count("writes");
        } else {
            const std::uint32_t word = processor.read(address_of(private_start, at));
            expect(word == *memory_of(process).words[at], "a private page holds what its process wrote");
            count("reads");
        }
    }

    void touch_shared(Process& process, Processor& processor, bool write) {
        const std::uint32_t slot = random_.below(shared_slots);
        const std::uint32_t piece = memory_of(process).shared[slot];
        if (piece == 0) {
            return;
        }
        const std::uint32_t at = random_.below(shared_pages);
        const VirtAddr address = address_of(shared_start, slot * shared_pages + at);
        if (write) {
            const std::uint32_t word = random_();
            processor.write(address, word);
            shared_[piece][at] = filling_[{piece, at}] == 0 ? std::optional(word) : std::nullopt;
            count("shared writes");
        } else {
            // Others may write while the page is on its way, so what counts is what holds when it has been read.
            const std::uint32_t word = processor.read(address);
            expect(!shared_[piece][at] || word == *shared_[piece][at], "a shared page holds what anybody wrote");
            count("shared reads");
        }
    }

    struct Range {
        std::uint32_t first, count;
    };
    Range some_range() {
        if (random_.below(8) == 0) {
            return {0, private_pages}; // all that is under the table
        }
        const std::uint32_t first = random_.below(private_pages);
        return {first, 1 + random_.below(private_pages - first)};
    }

    static constexpr std::uint32_t read_write = 3, is_private = 2, is_shared = 1, fixed = 0x10, anonymous = 0x20;

    void map_private(Process& process, Processor& processor) {
        const Range range = some_range();
        const VirtAddr start = address_of(private_start, range.first);
        if (processor.call(__NR_mmap2, start.value(), range.count * page_size, read_write,
                           is_private | fixed | anonymous, ~0U, 0) == static_cast<std::int32_t>(start.value())) {
            std::fill_n(memory_of(process).words.begin() + range.first, range.count, 0U);
            count("mappings");
        }
    }

    void unmap_private(Process& process, Processor& processor) {
        const Range range = some_range();
        if (processor.call(__NR_munmap, address_of(private_start, range.first).value(), range.count * page_size) == 0) {
            std::fill_n(memory_of(process).words.begin() + range.first, range.count, std::nullopt);
            count("unmappings");
        }
    }

    void map_shared(Process& process, Processor& processor) {
        const std::uint32_t slot = random_.below(shared_slots);
        const VirtAddr start = address_of(shared_start, slot * shared_pages);
        const std::uint32_t piece = ++last_piece_;
        shared_[piece].fill(0);
        if (processor.call(__NR_mmap2, start.value(), shared_pages * page_size, read_write,
                           is_shared | fixed | anonymous, ~0U, 0) == static_cast<std::int32_t>(start.value())) {
            memory_of(process).shared[slot] = piece;
            count("shared mappings");
        }
    }

    void forget_pages(Process& process, Processor& processor) {
        constexpr std::uint32_t dont_need = 4;
        if (random_.below(2) == 0) {
            return advise(process, processor);
        }
        const Range range = some_range();
        auto& words = memory_of(process).words;
        const auto first = words.begin() + range.first;
        if (processor.call(__NR_madvise, address_of(private_start, range.first).value(), range.count * page_size,
                           dont_need) == 0) {
            std::fill_n(first, range.count, 0U);
            count("pages forgotten");
        } else {
            std::transform(first, first + range.count, first, [](const auto& word) {
                return word ? std::optional(0U) : std::nullopt; // those that are mapped were forgotten all the same
            });
        }
    }

    // MADV_WILLNEED, MADV_FREE, MADV_COLD or MADV_PAGEOUT: only what is free is another afterwards, or may be.
    void advise(Process& process, Processor& processor) {
        constexpr std::array<std::uint32_t, 4> advices{3, 8, 20, 21};
        const std::uint32_t advice = advices[random_.below(advices.size())];
        const Range range = some_range();
        processor.call(__NR_madvise, address_of(private_start, range.first).value(), range.count * page_size, advice);
        count("advice");
        if (advice != advices[1]) {
            return;
        }
        if (random_.below(2) == 0) {
            touch(process, processor, true);
        }
        if (store_) {
            put_pages_out();
            end_transfers(false);
        }
        for (std::uint32_t at = range.first; at < range.first + range.count; ++at) {
            const VirtAddr address = address_of(private_start, at);
            if (memory_of(process).words[at]) {
                const std::uint32_t word = processor.read(address);
                expect(word == 0 || word == *memory_of(process).words[at],
                       "a page that is free is as it was, or zeros");
                count(word == 0 ? "free pages that had gone" : "free pages that had stayed");
                processor.write(address, word);
                memory_of(process).words[at] = word;
            }
        }
    }

    // Another limit of pages in memory, or another policy for them, or none.
    void limit(const Process& process) {
        AddressSpace& space = *process.space;
        const auto policy = Replacement::all_policies[random_.below(Replacement::all_policies.size())];
        const bool ends = random_.below(3) == 0;
        if (random_.below(3) == 0) {
            // Each touch of all is watched where that is not too slow.
            const bool is_slow = policy == ReplacementPolicy::lru && !lru_;
            take(space.use_policy(ends || is_slow ? std::nullopt : std::optional(policy)));
        } else {
            take(space.limit_resident(ends ? std::nullopt
                                           : std::optional(space.least_resident_limit() + random_.below(12))));
        }
    }
    void take(const Result<void>& limited) {
        expect(limited || limited.error() == Error::limit_reached || starve_, "a limit is taken");
        count(limited ? "limits" : "limits that were refused");
    }

    void fork(Process& process, Processor& processor) {
        if (userland_.processes.count() >= most_processes) {
            return;
        }
        // The child may run before the call comes back. It finds the number of its fork in a register, as all registers
        // are its parent's.
        const std::uint32_t number = first_fork + ++forks_;
        forked_[number] = {process.id, memory_of(process)};
        const std::uint32_t next = next_id();
        const std::int32_t id = processor.call(__NR_fork, number);
        if (starved(id)) {
            forked_.erase(number);
            return;
        }
        // A call that is made again may find that others have come before.
        expect(id == static_cast<std::int32_t>(next) || (starve_ && id > 0), "fork makes the next process");
        count("forks");
    }
    // The id that the next process gets: they go round.
    std::uint32_t next_id() const {
        const ProcessTable& processes = userland_.processes;
        std::uint32_t id = processes.last_id();
        do {
            id = (id + 1) % ProcessTable::most_ids;
        } while (id == 0 || processes.find(id) != nullptr || processes.group_exists(id));
        return id;
    }

    // The path and the vectors lie in the program's own memory.
    void execute(Process& process, Processor& processor) {
        if (random_.below(4) != 0) {
            return;
        }
        const VirtAddr stack(processor.registers().user_esp);
        const VirtAddr text = Page::containing(stack).start() + 256;
        static constexpr std::array<char, 16> path{"/bin/program"};
        for (std::uint32_t at = 0; at < path.size(); at += 4) {
            std::uint32_t word = 0;
            std::memcpy(&word, path.data() + at, 4);
            processor.write(text + at, word);
        }
        processor.write(text + 16, text.value());
        processor.write(text + 20, 0);
        if (processor.call(__NR_execve, text.value(), text.value() + 16, text.value() + 20) == 0) {
            Model& memory = memory_of(process);
            memory.words = {};
            memory.shared = {};
            count("execs");
        }
    }

    void end(Process& process, Processor& processor) {
        if (random_.below(4) != 0) {
            return;
        }
        const std::uint32_t status = random_.below(256);
        ended_[process.id] = status << 8;
        memories_.erase(process.id);
        count("ends");
        processor.call(__NR_exit, status);
        throw Failure("exit comes back");
    }

    void wait(Process& process, Processor& processor) {
        constexpr std::uint32_t no_hang = 1, untraced = 2;
        if (!memory_of(process).words[0]) {
            return;
        }
        const VirtAddr status_at = address_of(private_start, 0);
        after_wait(process, processor,
                   processor.call(__NR_wait4, ~0U, status_at.value(),
                                  (random_.below(4) == 0 ? 0 : no_hang) | (random_.below(2) == 0 ? untraced : 0), 0));
    }

    void after_wait(Process& process, Processor& processor, std::int32_t id) {
        if (id <= 0) {
            return;
        }
        const VirtAddr status_at = address_of(private_start, 0);
        const auto child = static_cast<std::uint32_t>(id);
        const std::uint32_t status = processor.read(status_at);
        memory_of(process).words[0] = status;
        constexpr std::uint32_t is_stopped = 0x7F;
        if ((status & 0xFFU) == is_stopped) {
            expect(killed_.contains(child), "a child that stopped was told to");
            count("stopped children waited for");
            return;
        }
        memories_.erase(child);
        const auto expected = ended_.find(child);
        const bool killed = (status & 0x7FU) != 0;
        expect(killed ? killed_.contains(child) || starve_ : expected != ended_.end() && expected->second == status,
               "a child is told to have ended as it did: process " + std::to_string(child) + " with " +
                   std::to_string(status) + " at step " + std::to_string(step_));
        if (expected != ended_.end()) {
            ended_.erase(expected);
        }
        killed_.erase(child);
        count(killed ? "killed children waited for" : "ended children waited for");
    }

    // Nothing of the host's may be held across a call: it may be the last that a process makes.
    std::uint32_t some_process() {
        std::uint32_t left = random_.below(userland_.processes.count());
        std::uint32_t id = 0;
        userland_.processes.for_each([&](const Process& each) { id = left-- == 0 ? each.id : id; });
        return id;
    }

    void kill(Process&, Processor& processor) {
        const std::uint32_t target = some_process();
        constexpr std::array signals{signal_number::kill,    signal_number::terminate, std::uint32_t{10},
                                     std::uint32_t{10},      std::uint32_t{12},        signal_number::stop,
                                     signal_number::proceed, signal_number::proceed,   std::uint32_t{40}};
        const std::uint32_t signal = signals[random_.below(signals.size())];
        killed_[target] = signal;
        count("signals sent");
        processor.call(__NR_kill, target, signal);
        // A stopped process would wait for ever if nobody thought of it.
        if (signal == signal_number::stop) {
            stopped_.push_back(target);
        } else if (!stopped_.empty() && random_.below(2) == 0) {
            processor.call(__NR_kill, stopped_.back(), signal_number::proceed);
            stopped_.pop_back();
        }
    }

    // rt_sigaction: handler, flags, restorer, mask.
    void handle(Processor& processor) {
        const std::uint32_t below = Page::containing(VirtAddr(processor.registers().user_esp)).start().value() + 512;
        constexpr std::uint32_t with_information = 4, has_restorer = 0x04000000, restarts = 0x10000000;
        const std::array<std::uint32_t, 5> action{
            random_.below(3) == 0 ? 0 : tiny_program_handler,
            with_information | has_restorer | (random_.below(2) == 0 ? restarts : 0), tiny_program_restorer, 0, 0};
        for (std::uint32_t at = 0; at < action.size(); ++at) {
            processor.write(VirtAddr(below) + 4 * at, action[at]);
        }
        constexpr std::uint32_t set_bytes = 8;
        processor.call(__NR_rt_sigaction, random_.below(2) == 0 ? 10U : 12U, below, 0, set_bytes);
        count("handlers set");
    }

    // Bytes go into a pipe of the process's own and come out again; sometimes its ends are left for a child.
    void pipe(Process& process, Processor& processor) {
        auto& words = memory_of(process).words;
        if (!words[0] || !words[1]) {
            return;
        }
        const VirtAddr ends = address_of(private_start, 0), buffer = address_of(private_start, 1);
        if (processor.call(__NR_pipe, ends.value()) != 0) {
            return;
        }
        const std::uint32_t read_end = processor.read(ends), write_end = processor.read(ends + 4);
        memory_of(process).words[0] = read_end;
        const std::uint32_t sent = random_();
        processor.write(buffer, sent);
        memory_of(process).words[1] = sent;
        const bool written = processor.call(__NR_write, write_end, buffer.value(), 4) == 4;
        processor.write(buffer, 0);
        memory_of(process).words[1] = 0;
        if (written && processor.call(__NR_read, read_end, buffer.value(), 4) == 4) {
            memory_of(process).words[1] = sent;
            count("words through a pipe");
        }
        processor.call(__NR_close, read_end);
        processor.call(__NR_close, write_end);
    }

    // Access taken away and given back. What is mapped in part is refused, but what lies before the hole has changed,
    // so all is given back piece by piece.
    void protect(Process& process, Processor& processor) {
        const Range range = some_range();
        const auto change = [&](std::uint32_t at, std::uint32_t pages, std::uint32_t access) {
            return processor.call(__NR_mprotect, address_of(private_start, at).value(), pages * page_size, access);
        };
        const std::uint32_t access = random_.below(2); // none, or to be read
        change(range.first, range.count, access);
        for (std::uint32_t at = range.first; at < range.first + range.count; ++at) {
            const auto known = memory_of(process).words[at];
            if (!known) {
                continue;
            }
            if (access != 0) {
                expect(processor.read(address_of(private_start, at)) == *known, "a page that may be read is as it was");
            }
            if (change(at, 1, read_write) != 0) {
                expect(starve_, "a page that is mapped can be given its access back");
                processor.call(__NR_exit, give_up(process)); // it may have pages that cannot be written to
            }
        }
        count("protections");
    }
    std::uint32_t give_up(const Process& process) {
        ended_[process.id] = 0;
        memories_.erase(process.id);
        count("processes that gave up");
        return 0;
    }

    // Pages, with what is in them, to somewhere else.
    void move(Process& process, Processor& processor) {
        constexpr std::uint32_t may_move = 1, exactly = 2;
        const std::uint32_t pages = 1 + random_.below(4);
        const std::uint32_t from = random_.below(private_pages - pages), to = random_.below(private_pages - pages);
        if (from < to + pages && to < from + pages) {
            return;
        }
        const VirtAddr target = address_of(private_start, to);
        const std::int32_t moved =
            processor.call(__NR_mremap, address_of(private_start, from).value(), pages * page_size, pages * page_size,
                           may_move | exactly, target.value());
        auto& words = memory_of(process).words;
        if (moved == static_cast<std::int32_t>(target.value())) {
            for (std::uint32_t at = 0; at < pages; ++at) {
                expect(words[from + at].has_value(), "what is not mapped cannot be moved");
                words[to + at] = std::exchange(words[from + at], std::nullopt);
            }
            count("moves");
        } else {
            // Linux takes away what is in the way before it looks at what is to be moved.
            for (std::uint32_t at = 0; at < pages; ++at) {
                if (process.space->find(private_start + (to + at)) == nullptr) {
                    words[to + at].reset();
                }
            }
        }
    }

    // ---- Pipes that outlive a fork. A message is larger than half a page of the pipe's, so that each has a slot of
    // its own, and lies in two pages of the program's. Some of its words say which it is.

    static constexpr std::uint32_t message_bytes = 2400, half = message_bytes / 2;
    static constexpr std::array<std::uint32_t, 4> marked_words{0, half - 4, half, message_bytes - 4};
    static VirtAddr message_at(std::uint32_t page) { return address_of(private_start, page + 1) - half; }

    void make_pipe(Process& process, Processor& processor) {
        Model& memory = memory_of(process);
        if (!memory.words[0] || memory.pipe != 0) {
            return;
        }
        const VirtAddr ends = address_of(private_start, 0);
        if (processor.call(__NR_pipe, ends.value()) != 0) {
            return;
        }
        const std::uint32_t read_end = processor.read(ends), write_end = processor.read(ends + 4);
        Model& now = memory_of(process);
        now.words[0] = read_end;
        now.pipe = ++last_pipe_;
        now.pipe_read_end = read_end;
        now.pipe_write_end = write_end;
        count("pipes");
    }

    // A page whose next one is mapped, too; none where none was found.
    std::optional<std::uint32_t> two_pages(const Process& process) {
        const auto& words = memory_of(process).words;
        const std::uint32_t page = 1 + random_.below(private_pages - 2);
        return words[page] && words[page + 1] ? std::optional(page) : std::nullopt;
    }

    // Several messages in a row, so that now and then a pipe is full, and several wait for it.
    void talk(Process& process, Processor& processor) {
        const std::uint32_t most = random_.below(12);
        for (std::uint32_t sent = 0; sent < most; ++sent) {
            const auto page = two_pages(process);
            const std::uint32_t pipe = memory_of(process).pipe;
            if (!page || pipe == 0 || in_pipes_[pipe].size() > 24) { // 16 fill it
                return;
            }
            const std::uint32_t word = ++last_message_;
            for (const std::uint32_t at : marked_words) {
                processor.write(message_at(*page) + at, word);
            }
            memory_of(process).words[*page + 1] = word;
            in_pipes_[pipe][word].begun = ++time_; // it may be read before the call comes back
            const std::int32_t written =
                processor.call(__NR_write, memory_of(process).pipe_write_end, message_at(*page).value(), message_bytes);
            if (written != static_cast<std::int32_t>(message_bytes)) {
                expect(starved(written) || written == -EINTR,
                       "a message is written whole, or not at all: " + std::to_string(written));
                in_pipes_[pipe].erase(word);
            } else if (const auto sent_one = in_pipes_[pipe].find(word); sent_one != in_pipes_[pipe].end()) {
                sent_one->second.there = ++time_;
            }
            count(in_pipes_[pipe].size() >= 16 ? "messages sent through a full pipe" : "messages sent");
        }
    }

    void listen(Process& process, Processor& processor) {
        const auto page = two_pages(process);
        const std::uint32_t pipe = memory_of(process).pipe;
        if (!page || pipe == 0 || (in_pipes_[pipe].empty() && random_.below(8) != 0)) {
            return;
        }
        ++listeners_[pipe]; // for ever, where this is killed
        const std::int32_t got =
            processor.call(__NR_read, memory_of(process).pipe_read_end, message_at(*page).value(), message_bytes);
        // What was in the other half before is known only where a whole message came.
        memory_of(process).words[*page + 1] = processor.read(address_of(private_start, *page + 1));
        if (got <= 0) {
            --listeners_[pipe];
            return;
        }
        const std::uint32_t word = processor.read(message_at(*page));
        for (const std::uint32_t at : marked_words) {
            expect(processor.read(message_at(*page) + at) == word, "a message comes in one piece");
        }
        auto& messages = in_pipes_[pipe];
        const auto message = messages.find(word);
        expect(got == static_cast<std::int32_t>(message_bytes) && message != messages.end(),
               "a message comes once, and whole");
        // What was there before this one was sent has come before it, but for what others are just receiving.
        const auto before = std::count_if(messages.begin(), messages.end(), [&](const auto& each) {
            return each.second.there != 0 && each.second.there < message->second.begun;
        });
        expect(before < listeners_[pipe], "no message is lost");
        messages.erase(message);
        --listeners_[pipe];
        count("messages received");
    }

    // Bytes come out of a pipe into two shared pages at once, though both may go at any time.
    void pipe_to_shared(Process& process, Processor& processor) {
        constexpr std::uint32_t bytes = 64;
        const std::uint32_t slot = random_.below(shared_slots), at = random_.below(shared_pages - 1);
        const std::uint32_t piece = memory_of(process).shared[slot];
        const auto& words = memory_of(process).words;
        if (piece == 0 || !words[0] || !words[1]) {
            return;
        }
        const VirtAddr ends = address_of(private_start, 0);
        if (processor.call(__NR_pipe, ends.value()) != 0) {
            return;
        }
        const std::uint32_t read_end = processor.read(ends), write_end = processor.read(ends + 4);
        memory_of(process).words[0] = read_end;
        const VirtAddr from = address_of(private_start, 1);
        const VirtAddr to = address_of(shared_start, slot * shared_pages + at + 1) - bytes / 2;
        shared_[piece][at + 1].reset();
        ++filling_[{piece, at + 1}]; // for ever, where this is killed
        if (processor.call(__NR_write, write_end, from.value(), bytes) == static_cast<std::int32_t>(bytes)) {
            const std::int32_t got = processor.call(__NR_read, read_end, to.value(), bytes);
            expect(got == static_cast<std::int32_t>(bytes) || got == -EINTR, "what is in a pipe comes out at once");
            count("bytes read into shared pages");
        }
        shared_[piece][at + 1].reset();
        --filling_[{piece, at + 1}];
        processor.call(__NR_close, read_end);
        processor.call(__NR_close, write_end);
    }

    void sleep(Processor& processor) {
        const std::uint32_t below = Page::containing(VirtAddr(processor.registers().user_esp)).start().value() + 768;
        processor.write(VirtAddr(below), 0);
        processor.write(VirtAddr(below) + 4, random_.below(30'000'000));
        processor.call(__NR_nanosleep, below, 0);
        count("sleeps");
    }

    BootedTorus torus_;
    Random random_;
    StringSink notes_;
    Userland userland_;
    std::uint64_t step_ = 0, last_step_ = 0;
    std::uint32_t free_at_start_ = 0;
    std::uint32_t idle_rounds_ = 0;
    std::uint32_t last_piece_ = 0;
    std::map<std::uint32_t, Model> memories_; // of each process that runs
    struct Fork {
        std::uint32_t parent = 0;
        Model memory;
    };
    static constexpr std::uint32_t first_fork = 0xF0000000; // no call has such a first argument otherwise
    std::uint32_t forks_ = 0;
    std::map<std::uint32_t, Fork> forked_; // of those that have not run yet
    std::map<std::uint32_t, std::array<std::optional<std::uint32_t>, shared_pages>> shared_; // none: nobody knows
    std::map<std::pair<std::uint32_t, std::uint32_t>, int> filling_; // calls that may be writing into a shared page
    std::map<std::uint32_t, std::uint32_t> ended_, killed_;
    struct Message {
        std::uint64_t begun = 0, there = 0; // 0: not yet, as far as is known
    };
    std::map<std::uint32_t, std::map<std::uint32_t, Message>> in_pipes_;
    std::map<std::uint32_t, long> listeners_; // of each pipe
    std::uint64_t time_ = 0;
    std::uint32_t last_pipe_ = 0, last_message_ = 0;
    std::map<std::uint32_t, std::uint32_t> begun_; // each process's switches when it began its last step
    std::optional<SlowPages> slow_;
    std::optional<ChaosPaging> chaos_;
    std::optional<FakeStore> store_;
    SwapArea* area_ = nullptr;
    bool starve_, lru_;
    std::optional<FrameReservation> hog_;
    std::vector<std::uint32_t> stopped_;
    std::map<std::string, std::uint64_t> counts_;
};

// Runs the steps four times, so many that the first three tests together make a million; `also` must have happened,
// beside what always does.
void run_processes(Hardship hardship, std::initializer_list<const char*> also) {
    std::map<std::string, std::uint64_t> counts;
    for (std::uint32_t seed = 1; seed <= 4; ++seed) {
        INFO("seed " << seed);
        Simulation simulation(seed, hardship);
        const std::uint64_t steps = effort(hardship.steps);
        simulation.run(steps);
        CHECK(simulation.steps() >= steps);
        for (const auto& [what, count] : simulation.counts()) {
            counts[what] += count;
        }
    }
    std::vector<const char*> all{"advice",
                                 "ended children waited for",
                                 "ends",
                                 "execs",
                                 "forks",
                                 "handlers",
                                 "killed children waited for",
                                 "limits",
                                 "mappings",
                                 "messages received",
                                 "messages sent through a full pipe",
                                 "moves",
                                 "pages forgotten",
                                 "protections",
                                 "shared reads",
                                 "sleeps",
                                 "stopped children waited for",
                                 "unmappings",
                                 "words through a pipe"};
    all.insert(all.end(), also.begin(), also.end());
    for (const char* const what : all) {
        INFO(what);
        CHECK(counts.contains(what));
    }
}

} // namespace

TEST_CASE("Random processes behave as a naive model does, and leave nothing behind", "[process][model]") {
    run_processes({}, {});
}

TEST_CASE("Random processes whose pages come late behave as a naive model does", "[process][model]") {
    run_processes({.slow_pages = 1}, {"pages taken away", "bytes read into shared pages"});
}

TEST_CASE("Random processes that run out of memory behave as a naive model does", "[process][model]") {
    run_processes({.slow_pages = 5, .starve = true}, {"shortages", "calls refused for want of memory"});
}

TEST_CASE("Random processes whose pages are on a disk behave as a naive model does", "[process][model]") {
    run_processes({.paged = true},
                  {"pages dropped", "pages put out", "of them pages of a stack", "of them pages that nobody may touch",
                   "of them shared pages", "free pages that had gone", "free pages that had stayed"});
}

TEST_CASE("Random processes whose pages go before each copy behave as a naive model does", "[process][model]") {
    run_processes({.steps = 36'000, .paged = true, .chaos = true},
                  {"pages dropped", "pages put out", "of them shared pages"});
}

TEST_CASE("Random processes that page, wait and starve behave as a naive model does", "[process][model]") {
    run_processes({.slow_pages = 7, .starve = true, .paged = true}, {"pages put out", "shortages"});
}

TEST_CASE("Random processes each of whose touches is watched behave as a naive model does", "[process][model]") {
    run_processes({.steps = 36'000, .paged = true, .lru = true}, {"pages put out", "of them shared pages"});
}

} // namespace quire::test
