#include "runner/console.hpp"

#include <cerrno>
#include <cstdlib>

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace baton::runner {
namespace {

/// To the first column, and away with what stands there.
constexpr std::string_view kEraseLine = "\r\x1b[2K";

bool is_capable_terminal(int descriptor) {
  if (::isatty(descriptor) != 1) return false;
  const char* kind = std::getenv("TERM");
  return kind != nullptr && std::string_view(kind) != "dumb" && *kind != '\0';
}

bool wants_colour() {
  const char* refusal = std::getenv("NO_COLOR");
  return refusal == nullptr || *refusal == '\0';
}

}  // namespace

Console::Console(int descriptor)
    : descriptor_(descriptor),
      terminal_(is_capable_terminal(descriptor)),
      colour_(terminal_ && wants_colour()) {}

int Console::width() const {
  winsize size{};
  if (!terminal_ || ::ioctl(descriptor_, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

void Console::write(std::string_view text) {
  std::string bytes;
  const std::lock_guard lock(mutex_);
  if (!bar_.empty()) bytes.append(kEraseLine);
  bytes.append(text);
  if (!text.ends_with('\n')) bytes.push_back('\n');
  bytes.append(bar_);
  put(bytes);
}

void Console::set_bar(std::string_view text) {
  if (!terminal_) return;
  const std::lock_guard lock(mutex_);
  if (text.empty() && bar_.empty()) return;
  bar_ = text;
  put(std::string(kEraseLine) + bar_);
}

void Console::put(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (written < 0 && errno == EAGAIN) {
      // Some shells leave their terminal non-blocking.
      pollfd wait{descriptor_, POLLOUT, 0};
      if (::poll(&wait, 1, 1000) <= 0) return;
    } else if (written == 0 || errno != EINTR) {
      return;
    }
  }
}

}  // namespace baton::runner
