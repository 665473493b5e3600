"""Commands for GDB that read a running Quire from outside: its page tables and its frames, as they lie in guest memory.

    walk ADDRESS     how the processor translates an address, entry by entry
    pagetables       what is mapped where, equal neighbours collapsed
    frames           whose the frames of physical memory are

`./run --gdb` says how to start GDB with it. Nothing in the guest runs or changes for this, so it works where the
kernel is stuck, in the middle of a fault, and before it has its own page tables. The names of an entry's bits, of the
owners and of the areas come from the kernel's own tables, through its debug information.
"""

import itertools
import struct

import gdb

PAGE = 4096
LARGE_PAGE = 4 << 20
PRESENT, WRITABLE, USER, LARGE, GLOBAL = 1 << 0, 1 << 1, 1 << 2, 1 << 7, 1 << 8


class PhysicalMemory:
    """While it is entered, addresses given to GDB are physical. QEMU's own extension of the protocol."""

    def __enter__(self):
        self._switch(1)
        return self

    def __exit__(self, *_):
        self._switch(0)

    @staticmethod
    def _switch(mode):
        answer = gdb.execute(f"maintenance packet Qqemu.PhyMemMode:{mode}", to_string=True)
        if "OK" not in answer:
            raise gdb.GdbError("the target cannot show physical memory; is it QEMU?")

    @staticmethod
    def word(address):
        return struct.unpack("<I", bytes(gdb.selected_inferior().read_memory(address, 4)))[0]

    @staticmethod
    def table(address):
        return struct.unpack("<1024I", bytes(gdb.selected_inferior().read_memory(address, PAGE)))


def register(name):
    return int(gdb.parse_and_eval(f"${name}")) & 0xFFFFFFFF


def page_directory():
    """The physical address of the directory the processor uses."""
    if not register("cr0") & 1 << 31:
        raise gdb.GdbError("paging is off: addresses are physical")
    return register("cr3") & ~0xFFF


def text_of(view):
    """A std::string_view of the guest."""
    return view["_M_str"].string(length=int(view["_M_len"]))


def elements(array):
    """The elements of a std::array of the guest."""
    inner = array["_M_elems"]
    first, last = inner.type.strip_typedefs().range()
    return [inner[i] for i in range(first, last + 1)]


def entry_text(raw, kind):
    """The fields of an entry, named by the kernel's table. `kind` is a column of it: table, large_page or page."""
    fields = []
    for field in elements(gdb.parse_and_eval("quire::entry_layout")):
        if not field[f"in_{kind}"]:
            continue
        value = raw >> int(field["bit"]) & (1 << int(field["width"])) - 1
        if int(field["width"]) > 1:
            fields += [f"{text_of(field['name'])}={value:#x}"] if value else []
        elif value:
            fields.append(text_of(field["name"]))
    return " ".join(fields) if raw & PRESENT else f"not present (the other 31 bits: {raw:#010x})"


def protection_text(pde, pte):
    both = pde & pte
    return "".join(
        [
            "r",
            "w" if both & WRITABLE else "-",
            " user" if both & USER else " kernel",
            " global" if pte & GLOBAL else "",
        ]
    )


def area_name(address):
    for area in elements(gdb.parse_and_eval("quire::areas")):
        if int(area["first"]["value_"]) <= address <= int(area["last"]["value_"]):
            return text_of(area["name"])
    return "?"


class Walk(gdb.Command):
    """walk ADDRESS: how the processor translates ADDRESS now, entry by entry."""

    def __init__(self):
        super().__init__("walk", gdb.COMMAND_DATA, gdb.COMPLETE_EXPRESSION)

    def invoke(self, argument, from_tty):
        if not argument:
            raise gdb.GdbError("walk wants an address, such as 0xc0100000 or &quire::machine::cpu_local")
        address = int(gdb.parse_and_eval(argument)) & 0xFFFFFFFF
        directory = page_directory()
        with PhysicalMemory() as memory:
            steps = list(self.steps(memory, directory, address))
        print(f"{address:#010x} lies in {area_name(address)}")
        for name, where, raw, kind in steps:
            print(f"  {name} at {where:#010x} = {raw:#010x}  {entry_text(raw, kind)}")
        print(f"  {self.outcome(address, [raw for _, _, raw, _ in steps])}")

    @staticmethod
    def steps(memory, directory, address):
        where = directory + (address >> 22) * 4
        pde = memory.word(where)
        large = pde & PRESENT and pde & LARGE
        yield f"PDE {address >> 22:4}", where, pde, "large_page" if large else "table"
        if pde & PRESENT and not large:
            where = (pde & ~0xFFF) + (address >> 12 & 0x3FF) * 4
            yield f"PTE {address >> 12 & 0x3FF:4}", where, memory.word(where), "page"

    @staticmethod
    def outcome(address, entries):
        if not entries[-1] & PRESENT:
            return "not mapped"
        if len(entries) == 1:
            physical = (entries[0] & ~(LARGE_PAGE - 1)) | address & LARGE_PAGE - 1
        else:
            physical = (entries[1] & ~0xFFF) | address & 0xFFF
        return f"physical {physical:#010x}, {protection_text(entries[0], entries[-1])}"


class PageTables(gdb.Command):
    """pagetables: what is mapped where, neighbours with neighbouring frames and equal protection collapsed."""

    def __init__(self):
        super().__init__("pagetables", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        directory = page_directory()
        with PhysicalMemory() as memory:
            pages = list(self.pages(memory, directory))
        print(f"directory at {directory:#010x}")
        for first, last, physical, size, protection in self.runs(pages):
            what = "4 MiB pages" if size == LARGE_PAGE else "4 KiB pages"
            count = (last - first + 1) // size
            print(f"  {first:#010x} - {last:#010x} -> {physical:#010x}  {count:6} {what}  {protection}"
                  f"  {area_name(first)}")

    @staticmethod
    def pages(memory, directory):
        """(virtual, physical, size, protection) of each mapped page, in order."""
        for i, pde in enumerate(memory.table(directory)):
            if not pde & PRESENT:
                continue
            if pde & LARGE:
                yield i << 22, pde & ~(LARGE_PAGE - 1), LARGE_PAGE, protection_text(pde, pde)
                continue
            for j, pte in enumerate(memory.table(pde & ~0xFFF)):
                if pte & PRESENT:
                    yield i << 22 | j << 12, pte & ~0xFFF, PAGE, protection_text(pde, pte)

    @staticmethod
    def runs(pages):
        """(first, last, physical, size of a page, protection) of each run of neighbours."""
        run = None
        for virtual, physical, size, protection in pages:
            if (
                run
                and run[3:] == [size, protection]
                and run[1] + 1 == virtual
                and run[2] + (virtual - run[0]) == physical
            ):
                run[1] = virtual + size - 1
                continue
            if run:
                yield run
            run = [virtual, virtual + size - 1, physical, size, protection]
        if run:
            yield run


class Frames(gdb.Command):
    """frames: whose the frames of physical memory are: how many each owner has, and the runs of equal owners."""

    def __init__(self):
        super().__init__("frames", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        owners = self.owners()
        names = {field.enumval: field.name.rsplit("::", 1)[1] for field in gdb.lookup_type("quire::Owner").fields()}
        print("owner         frames        KiB")
        for owner, name in sorted(names.items()):
            count = owners.count(owner)
            if count:
                print(f"{name:10} {count:9} {count * PAGE // 1024:10}")
        print("runs")
        frame = 0
        for owner, run in itertools.groupby(owners):
            count = len(list(run))
            print(f"  {frame * PAGE:#010x} - {(frame + count) * PAGE - 1:#010x}  {count:8}  {names[owner]}")
            frame += count

    @staticmethod
    def owners():
        """One byte a frame: whose it is."""
        local = gdb.parse_and_eval("quire::machine::cpu_local")
        if int(local) == 0 or not local["is_torus"]:
            raise gdb.GdbError("the kernel has not built its memory yet")
        frames = local.cast(gdb.lookup_type("quire::Torus").pointer())["memory"]["frames"]
        count = int(frames["bitmap_"]["size_"])
        books = gdb.selected_inferior().read_memory(int(frames["owners_"]), count)
        return bytes(owner & 0x7F for owner in bytes(books))  # the top bit says that the frame is shared


Walk()
PageTables()
Frames()
