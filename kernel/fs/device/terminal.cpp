// The line discipline. What it does is what Linux's N_TTY does for the same settings.
#include "kernel/fs/device/terminal.h"

#include "kernel/fs/device/signal_number.h"

#include <algorithm>
#include <utility>

namespace quire {

namespace {

constexpr std::uint32_t tab_width = 8;

constexpr bool is_control(char byte) {
    return static_cast<unsigned char>(byte) < ' ' || byte == '\x7F';
}
// A byte of a UTF-8 character that is not its first.
constexpr bool continues_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}
constexpr bool in_word(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           byte == '_' || static_cast<unsigned char>(byte) >= 0x80;
}

struct ControlCharacter {
    std::size_t index;
    cc_t byte;
};
constexpr auto first_control_characters = std::to_array<ControlCharacter>({
    {VINTR, 3},
    {VQUIT, 034},
    {VERASE, 0177},
    {VKILL, 025},
    {VEOF, 4},
    {VTIME, 0},
    {VMIN, 1},
    {VSTART, 021},
    {VSTOP, 023},
    {VSUSP, 032},
    {VREPRINT, 022},
    {VDISCARD, 017},
    {VWERASE, 027},
    {VLNEXT, 026},
});

} // namespace

Terminal::Terminal(Sink& output, TerminalEvents& events) : output_(&output), events_(&events) {
    settings_.c_iflag = ICRNL | IXON;
    settings_.c_oflag = OPOST | ONLCR;
    settings_.c_cflag = B38400 | CS8 | CREAD | HUPCL;
    settings_.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN;
    settings_.c_ispeed = settings_.c_ospeed = 38400;
    for (const ControlCharacter& each : first_control_characters) {
        settings_.c_cc[each.index] = each.byte;
    }
}

// ---- Input

void Terminal::receive(char byte) {
    constexpr char form_feed = '\f'; // ^L: draw the screen anew
    if (take_answer(byte)) {
        return;
    }
    receive_typed(byte);
    if (byte == form_feed) {
        ask_size();
    }
}

void Terminal::receive_typed(char byte) {
    if (input(ISTRIP)) {
        byte = static_cast<char>(byte & 0x7F);
    }
    if (literal_) {
        literal_ = false;
        accept(byte);
        return;
    }
    if (control_flow(byte) || make_signal(byte)) {
        return;
    }
    if (byte == '\r') {
        if (input(IGNCR)) {
            return;
        }
        byte = input(ICRNL) ? '\n' : byte;
    } else if (byte == '\n' && input(INLCR)) {
        byte = '\r';
    }
    if (!reading_lines() || !edit_line(byte)) {
        accept(byte);
    }
}

// ---- The size

void Terminal::resize(Size to) {
    if (size != to) {
        size = to;
        events_->signal_foreground(signal_number::window);
    }
}

void Terminal::ask_size() {
    if (may_be_asked && !asked_) { // one question at a time, so that each answer finds its own
        asked_ = true;
        // DECSC and DECRC keep the cursor where it was.
        output_->write("\x1b"
                       "7\x1b[999;999H\x1b[6n\x1b"
                       "8");
    }
}

void Terminal::stop_asking() {
    asked_ = false;
    const std::size_t held = std::exchange(answer_size_, 0);
    for (std::size_t i = 0; i < held; ++i) {
        receive_typed(answer_[i]);
    }
}

bool Terminal::take_answer(char byte) {
    if (!asked_) {
        return false;
    }
    constexpr std::string_view beginning = "\x1b[";
    const bool is_digit = byte >= '0' && byte <= '9';
    const bool fits = answer_size_ < beginning.size()
                          ? byte == beginning[answer_size_]
                          : answer_size_ < answer_.size() && (is_digit || byte == ';' || byte == 'R');
    if (!fits) { // the terminal has not answered yet: this was typed
        const bool was_asked = asked_;
        stop_asking();
        asked_ = was_asked;
        return byte == beginning[0] && take_answer(byte);
    }
    if (byte != 'R') {
        answer_[answer_size_++] = byte;
        return true;
    }
    std::array<std::uint16_t, 2> numbers{};
    std::size_t which = 0;
    for (std::size_t i = beginning.size(); i < answer_size_; ++i) {
        if (answer_[i] == ';') {
            which = 1;
        } else {
            numbers[which] = static_cast<std::uint16_t>(numbers[which] * 10 + (answer_[i] - '0'));
        }
    }
    asked_ = false;
    answer_size_ = 0;
    if (numbers[0] != 0 && numbers[1] != 0) {
        resize({.rows = numbers[0], .columns = numbers[1], .width = size.width, .height = size.height});
    }
    return true;
}

// ---- What is typed

bool Terminal::control_flow(char byte) {
    if (!input(IXON)) {
        return false;
    }
    if (is(byte, VSTOP) && !(stopped_ && settings_.c_cc[VSTOP] == settings_.c_cc[VSTART])) {
        set_stopped(true);
        return true;
    }
    if (is(byte, VSTART)) {
        set_stopped(false);
        return true;
    }
    if (stopped_ && input(IXANY)) {
        set_stopped(false);
    }
    return false;
}

bool Terminal::make_signal(char byte) {
    if (!local(ISIG)) {
        return false;
    }
    const std::uint32_t signal = is(byte, VINTR)   ? signal_number::interrupt
                                 : is(byte, VQUIT) ? signal_number::quit
                                 : is(byte, VSUSP) ? signal_number::terminal_stop
                                                   : 0;
    if (signal == 0) {
        return false;
    }
    if (!local(NOFLSH)) {
        flush_input();
    }
    set_stopped(false);
    if (local(ECHO)) {
        echo(byte);
    }
    events_->signal_foreground(signal);
    return true;
}

bool Terminal::edit_line(char byte) {
    if (is(byte, VERASE)) {
        erase_character();
        return true;
    }
    if (is(byte, VKILL)) {
        erase_line();
        return true;
    }
    if (local(IEXTEN)) {
        if (is(byte, VWERASE)) {
            erase_word();
            return true;
        }
        if (is(byte, VLNEXT)) {
            literal_ = true;
            if (local(ECHO) && local(ECHOCTL)) {
                output_->write("^\b");
            }
            return true;
        }
        if (is(byte, VREPRINT) && local(ECHO)) {
            echo(byte);
            put('\n');
            line_column_ = column_;
            for (std::uint32_t position = lines_end_; position != written_; ++position) {
                echo(at(position));
            }
            return true;
        }
    }
    if (is(byte, VEOF)) {
        end_line('\0', false);
        return true;
    }
    if (byte == '\n' || is(byte, VEOL) || (is(byte, VEOL2) && local(IEXTEN))) {
        end_line(byte, local(ECHO) || (byte == '\n' && local(ECHONL)));
        return true;
    }
    return false;
}

void Terminal::end_line(char byte, bool echoed) {
    if (written_ - read_ == most_input) {
        return;
    }
    if (echoed) {
        echo(byte);
    }
    at(written_) = byte;
    ends_.set(written_ % most_input);
    lines_end_ = ++written_;
    line_column_ = column_;
    events_->terminal_changed();
}

// A byte that stands for itself.
void Terminal::accept(char byte) {
    if (full()) {
        if (input(IMAXBEL)) {
            output_->write("\a");
        }
        return;
    }
    if (local(ECHO)) {
        if (written_ == lines_end_) {
            line_column_ = column_;
        }
        echo(byte);
    }
    store(byte);
    if (!reading_lines()) {
        events_->terminal_changed();
    }
}

void Terminal::store(char byte) {
    at(written_) = byte;
    ends_.reset(written_ % most_input);
    ++written_;
}

// There is always room for a line's end.
bool Terminal::full() const {
    return written_ - read_ >= most_input - 1;
}

std::uint32_t Terminal::available() const {
    const std::uint32_t stop = reading_lines() ? lines_end_ : written_;
    std::uint32_t bytes = 0;
    for (std::uint32_t position = read_; position != stop; ++position) {
        bytes += ends_.test(position % most_input) && at(position) == '\0' ? 0U : 1U;
    }
    return bytes;
}

Terminal::Taken Terminal::take(std::span<std::byte> to) {
    const bool lines = reading_lines();
    const std::uint32_t stop = lines ? lines_end_ : written_;
    Taken taken;
    while (read_ != stop && !taken.line_ended) {
        const bool ends = lines && ends_.test(read_ % most_input);
        // The end of a line of no bytes is taken even where there is no room: it has none.
        if (ends && at(read_) == '\0') {
            ++read_;
        } else if (taken.bytes < to.size()) {
            to[taken.bytes++] = static_cast<std::byte>(at(read_++));
        } else {
            break;
        }
        taken.line_ended = ends;
    }
    if (!lines) {
        lines_end_ = read_;
    }
    return taken;
}

void Terminal::set_stopped(bool stopped) {
    if (stopped_ != stopped) {
        stopped_ = stopped;
        events_->terminal_changed();
    }
}

void Terminal::set_settings(const Settings& settings) {
    const bool lines_before = reading_lines();
    settings_ = settings;
    if (reading_lines() == lines_before) {
        return;
    }
    // What was typed under the other rule can be read as one line, or byte by byte.
    ends_.reset();
    if (reading_lines() && written_ != read_) {
        ends_.set((written_ - 1) % most_input);
    }
    lines_end_ = reading_lines() ? written_ : read_;
    literal_ = false;
    events_->terminal_changed();
}

void Terminal::flush_input() {
    read_ = lines_end_ = written_;
}

// ---- Editing

// Where the character that ends at `end` begins.
std::uint32_t Terminal::previous(std::uint32_t end) const {
    std::uint32_t start = end - 1;
    while (input(IUTF8) && start != lines_end_ && continues_character(at(start))) {
        --start;
    }
    return start;
}

// The column that the echo of the edited line up to `end` leaves the cursor in.
std::uint32_t Terminal::column_at(std::uint32_t end) const {
    std::uint32_t column = line_column_;
    for (std::uint32_t position = lines_end_; position != end; ++position) {
        const char byte = at(position);
        if (byte == '\t') {
            column += tab_width - column % tab_width;
        } else if (is_control(byte)) {
            column += local(ECHOCTL) ? 2U : 0U;
        } else if (!(input(IUTF8) && continues_character(byte))) {
            ++column;
        }
    }
    return column;
}

void Terminal::erase_character() {
    if (written_ != lines_end_) {
        rub_out(previous(written_));
    }
}

void Terminal::erase_word() {
    std::uint32_t start = written_;
    bool word = false;
    while (start != lines_end_) {
        const std::uint32_t before = previous(start);
        if (word && !in_word(at(before))) {
            break;
        }
        word = word || in_word(at(before));
        start = before;
    }
    rub_out(start);
}

void Terminal::erase_line() {
    if (local(ECHO) && !(local(ECHOK) && local(ECHOKE) && local(ECHOE))) {
        written_ = lines_end_;
        echo(static_cast<char>(settings_.c_cc[VKILL]));
        if (local(ECHOK)) {
            put('\n');
        }
        return;
    }
    rub_out(lines_end_);
}

// The line ends at `new_end` now, on the screen, too.
void Terminal::rub_out(std::uint32_t new_end) {
    if (new_end == written_) {
        return;
    }
    if (local(ECHO) && local(ECHOE)) {
        const std::uint32_t columns = column_at(written_) - column_at(new_end);
        for (std::uint32_t each = 0; each < columns; ++each) {
            output_->write("\b \b");
        }
        column_ -= std::min(column_, columns);
    } else if (local(ECHO)) {
        echo(static_cast<char>(settings_.c_cc[VERASE]));
    }
    written_ = new_end;
}

// ---- Output

void Terminal::echo(char byte) {
    if (local(ECHOCTL) && is_control(byte) && byte != '\t' && byte != '\n') {
        const std::array<char, 2> shown{'^', static_cast<char>(byte ^ 0x40)};
        output_->write({shown.data(), shown.size()});
        column_ += 2;
        return;
    }
    put(byte);
}

void Terminal::write(std::string_view text) {
    if (!output(OPOST)) {
        output_->write(text);
        return;
    }
    // Runs without anything to see to are passed on whole.
    while (!text.empty()) {
        std::size_t plain = 0;
        while (plain < text.size() && !is_control(text[plain])) {
            ++plain;
        }
        if (plain != 0) {
            output_->write(text.substr(0, plain));
            column_ += static_cast<std::uint32_t>(plain);
            text.remove_prefix(plain);
        } else {
            put(text.front());
            text.remove_prefix(1);
        }
    }
}

// One byte, as the output flags have it.
void Terminal::put(char byte) {
    if (output(OPOST)) {
        if (byte == '\n' && output(ONLCR)) {
            output_->write("\r\n");
            column_ = 0;
            return;
        }
        if (byte == '\r' && output(ONOCR) && column_ == 0) {
            return;
        }
        byte = byte == '\r' && output(OCRNL) ? '\n' : byte;
        if (byte == '\t' && (settings_.c_oflag & TABDLY) == XTABS) {
            constexpr std::string_view blanks = "        ";
            const std::uint32_t width = tab_width - column_ % tab_width;
            output_->write(blanks.substr(0, width));
            column_ += width;
            return;
        }
    }
    output_->write({&byte, 1});
    advance(byte);
}

// The cursor after a byte was sent.
void Terminal::advance(char byte) {
    switch (byte) {
    case '\r': column_ = 0; break;
    case '\n': column_ = output(ONLRET) ? 0 : column_; break;
    case '\b': column_ -= column_ != 0 ? 1U : 0U; break;
    case '\t': column_ += tab_width - column_ % tab_width; break;
    default: column_ += is_control(byte) || (input(IUTF8) && continues_character(byte)) ? 0U : 1U;
    }
}

} // namespace quire
