// A process that makes system calls on a machine with disks: the driver's two channels, each with a fake ATA device of
// the test's on it. While the process waits, the disks work; a test may also make them work a step at a time.
#pragma once

#include "kernel/memory/memory.h"
#include "tests/host/abi/calls_fixture.h"
#include "tests/host/block/fake_disk.h"
#include "tests/host/machine/fake_ata.h"

#include <array>
#include <string>
#include <vector>

namespace quire::test {

// Keeps what was said of disks.
class TroubleLog final : public DiskWatcher {
public:
    void told(const DiskTrouble& trouble) override {
        StringSink text;
        print(text, "{}", trouble);
        lines.push_back(text.text());
    }
    std::vector<std::string> lines;
};

class DiskFixture : public CallsFixture {
public:
    // hda has `sectors` sectors, and so has hdb; hdc and hdd are not there unless a test puts them there first.
    explicit DiskFixture(std::uint64_t sectors = 4096) {
        for (std::size_t at = 0; at < ata.size(); ++at) {
            ata.at(at).interrupt = [this, at] {
                if (channels.at(at).interrupted()) {
                    machine::on_disk_interrupt();
                }
            };
            channels.at(at).use_bus_master(ata.at(at).table, FakeAta::table_address);
            torus.machine.disk_channels.at(at) = &channels.at(at);
        }
        process.thread.keeps_fpu = true; // so that its memory is there again when it has waited
        for (FakeAta::Drive& drive : ata[0].drives) {
            drive.kind = FakeAta::Kind::disk;
            drive.sectors = sectors;
        }
        torus.machine.devices_work = [this] {
            for (FakeAta& each : ata) {
                each.work_on();
            }
        };
    }
    ~DiskFixture() {
        for (const FakeAta& each : ata) {
            CHECK(each.violations() == std::vector<std::string>());
        }
        settle();
        torus.machine.devices_work = nullptr;
    }
    DiskFixture(const DiskFixture&) = delete;
    DiskFixture& operator=(const DiskFixture&) = delete;

    void find(bool dma = true) { userland.disks.find(troubles, dma); }
    [[nodiscard]] BlockDevice& device(std::string_view name) {
        BlockDevice* const found = userland.block_devices.find(name);
        REQUIRE(found != nullptr);
        return *found;
    }

    // The disks go on by one step each, and then there is a safe point.
    void step() {
        for (FakeAta& each : ata) {
            each.work();
        }
        userland.disks.at_safe_point(false);
    }
    // Until every one of these is over. Fails where that does not come.
    void until_over(const std::vector<const TestRequest*>& requests) {
        for (unsigned steps = 0; steps < 20'000; ++steps) {
            if (std::ranges::none_of(requests, [](const TestRequest* each) { return each->under_way(); })) {
                return;
            }
            step();
        }
        FAIL("a request does not end");
    }
    // So much time has passed when the clock ticks.
    void tick_after(std::uint64_t nanoseconds) {
        torus.machine.pass_time(nanoseconds);
        userland.disks.at_safe_point(true);
    }
    // Everything that is under way comes to an end, well or not.
    void settle() {
        for (unsigned steps = 0; steps < 50; ++steps) {
            for (unsigned i = 0; i < 600; ++i) {
                step();
            }
            tick_after(3'000'000'000);
        }
    }

    // Frames for requests, filled with a word of their own each.
    [[nodiscard]] std::vector<Frame> frames(std::size_t count) {
        std::vector<Frame> all;
        for (std::size_t i = 0; i < count; ++i) {
            all.push_back(torus->memory.frames.allocate(Owner::test).value());
            torus->memory.physical.fill(all.back(), static_cast<std::uint32_t>(0xF000 + i));
        }
        return all;
    }
    [[nodiscard]] std::uint32_t word(Frame frame, std::uint32_t sector = 0) {
        std::uint32_t value = 0;
        torus->memory.physical.read(frame, sector * sector_size, std::as_writable_bytes(std::span(&value, 1)));
        return value;
    }

    std::array<FakeAta, 2> ata{FakeAta(torus.machine.ram()), FakeAta(torus.machine.ram())};
    std::array<machine::AtaChannel, 2> channels{machine::AtaChannel(ata[0]), machine::AtaChannel(ata[1])};
    TroubleLog troubles;
};

} // namespace quire::test
