// The policies by name, and the change from one to another.
#include "kernel/memory/replacement/replacement.h"

namespace quire {

namespace {

// A page in a line of a trace: its frame, and its departure where it has one.
struct TracedPage {
    Frame frame;
    std::optional<Departure> departure;
};
void print_to(Sink& sink, const TracedPage& page) {
    print(sink, "{:x}", page.frame.number());
    if (page.departure) {
        print(sink, " {:x}", page.departure->time());
    }
}

} // namespace

std::string_view name_of(ReplacementPolicy policy) {
    switch (policy) {
    case ReplacementPolicy::adaptive_sieve: return "adaptive-sieve";
    case ReplacementPolicy::clock: return "clock";
    case ReplacementPolicy::fifo: return "fifo";
    case ReplacementPolicy::lru: return "lru";
    case ReplacementPolicy::aging: return "aging";
    case ReplacementPolicy::two_queue: return "2q";
    case ReplacementPolicy::random: break;
    }
    return "random";
}

Replacement::Replacement(FrameRecords records)
    : records_(records), adaptive_sieve_(records), clock_(records), fifo_(records), lru_(records), aging_(records),
      two_queue_(records),
      random_(records), policies_{&adaptive_sieve_, &clock_, &fifo_, &lru_, &aging_, &two_queue_, &random_} {}

// Policies number their queues as they like, so pages wait in one that none of them has.
void Replacement::use(ReplacementPolicy policy) {
    if (policy == used_) {
        return;
    }
    PageQueue waiting(records_.of_set(0), FrameRecords::queues - 1);
    while (current().known() != 0) {
        waiting.push_back(current().give_up());
    }
    used_ = policy;
    while (!waiting.empty()) {
        current().adopt(waiting.take_front());
    }
    if (trace_ != nullptr) {
        record_state();
    }
}

void Replacement::loaded(Frame frame, Ghost ghost) {
    const bool is_ours = ghost >> Departure::bits == tag() >> Departure::bits;
    const std::optional<Departure> departure = is_ours ? std::optional(Departure::at(ghost)) : std::nullopt;
    if (trace_ != nullptr) {
        print(*trace_, "load {}\n", TracedPage{frame, departure});
    }
    current().loaded(frame, departure);
}

void Replacement::adopt(Frame frame) {
    if (trace_ != nullptr) {
        print(*trace_, "keep {:x}\n", frame.number());
    }
    current().adopt(frame);
}

void Replacement::touched(Frame frame) {
    if (trace_ != nullptr) {
        print(*trace_, "touch {:x}\n", frame.number());
    }
    current().touched(frame);
}

void Replacement::make_cold(Frame frame) {
    if (trace_ != nullptr) {
        print(*trace_, "cold {:x}\n", frame.number());
    }
    current().make_cold(records_, frame);
}

void Replacement::became_table(Frame frame) {
    if (trace_ != nullptr) {
        print(*trace_, "table {:x}\n", frame.number());
    }
    records_.leave_queue(frame);
}

void Replacement::lose(Frame frame) {
    if (records_.mark(frame).queue == PageMark::no_queue) {
        return;
    }
    if (trace_ != nullptr) {
        print(*trace_, "leave {:x}\n", frame.number());
    }
    records_.leave_queue(frame);
}

std::optional<Replacement::Chosen> Replacement::choose(PageUses& uses) {
    const std::optional<Victim> victim = trace_ != nullptr ? choose_recording(uses) : current().choose(uses);
    if (!victim) {
        return std::nullopt;
    }
    return Chosen{victim->frame, victim->departure ? tag() | victim->departure->time() : 0};
}

// ---- The trace

void Replacement::record(Trace* trace) {
    trace_ = trace;
    if (trace_ != nullptr) {
        print(*trace_, "{} frames {:x}\n", decisions_title, records_.frame_count());
        record_state();
    }
}

// The policy, its words, and its queues.
void Replacement::record_state() {
    print(*trace_, "policy {}", current().name());
    for (const std::uint32_t* word : current().state()) {
        if (word != nullptr) {
            print(*trace_, " {:x}", *word);
        }
    }
    trace_->write("\n");
    for (std::uint32_t number = 0; number < FrameRecords::queues; ++number) {
        PageQueue(records_, number).visit_while([&](Frame frame) {
            print(*trace_, "in {:x} {:x} {:x}\n", number, frame.number(), records_.mark(frame).value);
            return true;
        });
    }
}

std::optional<Victim> Replacement::choose_recording(PageUses& uses) {
    struct Recorded final : PageUses {
        Recorded(PageUses& uses, Trace& trace) : asked(uses), to(trace) {}
        Use use_since_last(Frame frame) override { return told(frame, asked.use_since_last(frame)); }
        Use use_so_far(Frame frame) override { return told(frame, asked.use_so_far(frame)); }
        Use told(Frame frame, Use use) {
            print(to, "see {:x} {}\n", frame.number(), name_of(use));
            return use;
        }
        PageUses& asked;
        Trace& to;
    } recorded(uses, *trace_);
    trace_->write("choose\n");
    const std::optional<Victim> victim = current().choose(recorded);
    if (victim) {
        print(*trace_, "go {}\n", TracedPage{victim->frame, victim->departure});
    } else {
        trace_->write("none\n");
    }
    return victim;
}

void Replacement::audit(AuditReport& report) const {
    for (std::uint32_t each = 0; each < records_.queue_count(); ++each) {
        const PageQueue queue(records_, each);
        const std::uint32_t number = queue.number();
        std::uint32_t length = 0;
        queue.visit_while([&](Frame frame) {
            report.check(records_.mark(frame).queue == number, "replacement: frame {:#x} is in queue {}, and says {}",
                         frame.number(), number, records_.mark(frame).queue);
            return ++length <= records_.frame_count();
        });
        report.check(length == queue.length(), "replacement: queue {} has {} pages, and says {}", number, length,
                     queue.length());
    }
}

} // namespace quire
