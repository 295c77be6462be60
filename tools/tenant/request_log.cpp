#include "tenant/request_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tenant {
namespace {

constexpr std::size_t kBlock = 64 * 1024;

}  // namespace

RequestLog::~RequestLog() {
  flush();
  if (file_ >= 0) ::close(file_);
}

absl::Status RequestLog::open(const std::string& path) {
  file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file_ < 0) {
    const std::string message = "--log: cannot write " + path + ": " + std::strerror(errno);
    return absl::InvalidArgumentError(absl::string_view(message.data(), message.size()));
  }
  return absl::OkStatus();
}

void RequestLog::add(std::uint64_t sequence, std::string_view method, std::string_view target, int status,
                     std::string_view fault) {
  if (!enabled()) return;
  lines_.append(std::to_string(sequence)).append(" ").append(method).append(" ").append(target).append(" ");
  lines_.append(status == 0 ? std::string("000") : std::to_string(status));
  if (!fault.empty()) lines_.append(" ").append(fault);
  lines_.append("\n");
  if (lines_.size() >= kBlock) flush();
}

void RequestLog::flush() {
  std::string_view rest = lines_;
  while (file_ >= 0 && !rest.empty()) {
    const ssize_t written = ::write(file_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    // A full disk costs the lines, not the service.
    if (written <= 0) break;
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  lines_.clear();
}

}  // namespace tenant
