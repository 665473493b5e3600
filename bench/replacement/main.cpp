// Replays what programs touched (trace.h) for each policy, in memory of 6, 12 and 25 % of the program's pages, and
// prints the faults divided by those of the best policy there can be.
//
//   quire_bench_replacement TRACE...           the tables; each TRACE is a file
//   quire_bench_replacement --faults TRACE...  faults, one line for each trace and size
//   quire_bench_replacement --reduce MOST      lackey's output from the standard input becomes a trace, of at most MOST
//                                              page changes before it is reduced, on the standard output
//   quire_bench_replacement --accesses TRACE   the kernel's trace of accesses (docs/traces.md) becomes such a trace
//   quire_bench_replacement --replay TRACE     every choice in the kernel's trace of decisions is made again
#include "bench/replacement/trace.h"
#include "kernel/memory/replacement/replacement.h"
#include "tests/host/support/kernel_trace.h"
#include "tests/host/support/paging_model.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace quire;
using namespace quire::bench;
using Trace = quire::bench::Trace; // the kernel has another one

constexpr std::array sizes{6U, 12U, 25U}; // % of the pages
constexpr std::uint32_t least_frames = 4;

// The names of all: the best there can be, and the kernel's policies.
std::vector<std::string> names() {
    std::vector<std::string> all{"optimum"};
    for (const ReplacementPolicy policy : Replacement::all_policies) {
        all.emplace_back(name_of(policy));
    }
    return all;
}

std::uint64_t faults_of(test::PagingModel& model, const Trace& trace) {
    for (const std::uint32_t page : trace.touches) {
        model.touch(page);
    }
    return model.faults();
}

// In the order of names().
std::vector<std::uint64_t> faults_of_all(const Trace& trace, std::uint32_t frames) {
    std::vector<std::uint64_t> faults{test::optimal_faults(trace.touches, frames)};
    for (const ReplacementPolicy policy : Replacement::all_policies) {
        const test::FramesOfModel memory(frames);
        Replacement replacement(memory.records());
        replacement.use(policy);
        test::PagingModel model(memory.records(), replacement.current(), trace.pages);
        faults.push_back(faults_of(model, trace));
    }
    return faults;
}

std::ifstream opened(const std::string& path) {
    std::ifstream file(path);
    if (!file) {
        throw std::runtime_error(path + ": cannot be opened");
    }
    return file;
}

Trace trace_in(const std::string& path) {
    std::ifstream file = opened(path);
    return read_trace(file);
}

std::string short_name(const std::string& path) {
    return std::filesystem::path(path).stem().string();
}

// Sums of logarithms, of which geometric means come.
using Sums = std::vector<double>;

void print_row(const std::string& name, const std::vector<double>& factors) {
    std::printf("%-16s", name.c_str());
    for (const double factor : factors) {
        std::printf("%16.2f", factor);
    }
    std::printf("\n");
}

void print_means(const Sums& sums, double points) {
    std::vector<double> means;
    for (const double sum : sums) {
        means.push_back(std::exp(sum / points));
    }
    print_row("geometric mean", means);
    for (const std::string_view base : {"lru", "clock"}) {
        std::vector<double> relative;
        const std::vector<std::string> all = names();
        const auto at = static_cast<std::size_t>(std::ranges::find(all, base) - all.begin());
        for (const double mean : means) {
            relative.push_back(mean / means[at]);
        }
        print_row("  / " + std::string(base), relative);
    }
}

void print_tables(const std::vector<std::string>& paths) {
    std::printf("%-16s", "x optimum");
    for (const std::string& name : names()) {
        std::printf("%16s", name.c_str());
    }
    std::printf("\n");
    Sums all(names().size());
    for (const std::string& path : paths) {
        const Trace trace = trace_in(path);
        Sums sums(all.size());
        for (const std::uint32_t size : sizes) {
            const std::vector<std::uint64_t> faults =
                faults_of_all(trace, std::max(trace.pages * size / 100, least_frames));
            for (std::size_t at = 0; at != faults.size(); ++at) {
                sums[at] += std::log(static_cast<double>(faults[at]) / static_cast<double>(faults[0]));
            }
        }
        std::vector<double> means;
        for (std::size_t at = 0; at != sums.size(); ++at) {
            means.push_back(std::exp(sums[at] / sizes.size()));
            all[at] += sums[at];
        }
        print_row(short_name(path), means);
        std::fflush(stdout);
    }
    print_means(all, static_cast<double>(sizes.size() * paths.size()));
}

void print_faults(const std::vector<std::string>& paths) {
    std::printf("%-16s%8s%10s%5s%8s", "trace", "pages", "touches", "%", "frames");
    for (const std::string& name : names()) {
        std::printf("%16s", name.c_str());
    }
    std::printf("\n");
    for (const std::string& path : paths) {
        const Trace trace = trace_in(path);
        for (const std::uint32_t size : sizes) {
            const std::uint32_t frames = std::max(trace.pages * size / 100, least_frames);
            std::printf("%-16s%8u%10zu%5u%8u", short_name(path).c_str(), trace.pages, trace.touches.size(), size,
                        frames);
            for (const std::uint64_t faults : faults_of_all(trace, frames)) {
                std::printf("%16llu", static_cast<unsigned long long>(faults));
            }
            std::printf("\n");
        }
    }
}

void replay(const std::string& path) {
    std::ifstream file = opened(path);
    const test::Replayed replayed = test::replay_decisions(file);
    std::printf("%s: %llu lines, %llu pages came, %llu choices by %llu looks, %zu pages went: as in the kernel\n",
                short_name(path).c_str(), static_cast<unsigned long long>(replayed.lines),
                static_cast<unsigned long long>(replayed.loaded), static_cast<unsigned long long>(replayed.choices),
                static_cast<unsigned long long>(replayed.looks), replayed.victims.size());
}

void convert(const std::string& path) {
    std::ifstream file = opened(path);
    test::Accesses accesses = test::read_accesses(file);
    write_trace(std::cout, {.touches = std::move(accesses.touches), .pages = accesses.pages});
}

int run(const std::vector<std::string>& arguments) {
    if (arguments.size() == 2 && arguments[0] == "--reduce") {
        write_trace(std::cout, reduced(read_lackey(std::cin, std::stoull(arguments[1]))));
    } else if (arguments.size() == 2 && arguments[0] == "--replay") {
        replay(arguments[1]);
    } else if (arguments.size() == 2 && arguments[0] == "--accesses") {
        convert(arguments[1]);
    } else if (arguments.size() > 1 && arguments[0] == "--faults") {
        print_faults({arguments.begin() + 1, arguments.end()});
    } else if (!arguments.empty() && !arguments[0].starts_with('-')) {
        print_tables(arguments);
    } else {
        std::fputs(
            "usage: quire_bench_replacement [--faults] TRACE... | --reduce MOST | --accesses TRACE | --replay TRACE\n",
            stderr);
        return 64;
    }
    return 0;
}

} // namespace

int main(int count, char** words) {
    try {
        return run({words + 1, words + count});
    } catch (const std::exception& error) {
        std::fprintf(stderr, "quire_bench_replacement: %s\n", error.what());
        return 1;
    }
}
