#include "runner/log_spdlog.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <spdlog/common.h>
#include <spdlog/details/log_msg.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <unistd.h>

#include "base/redact.hpp"
#include "runner/log_line.hpp"

namespace baton::runner {
namespace {

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      break;
  }
  return spdlog::level::err;
}

/// Lines between which the bar stays whole; the console has the lock.
class ConsoleSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit ConsoleSink(Console& console) : console_(console) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    console_.write(std::string_view(message.payload.data(), message.payload.size()));
  }
  void flush_() override {}

  Console& console_;
};

class SpdlogLog final : public Log {
 public:
  SpdlogLog(std::vector<spdlog::sink_ptr> sinks, const LogOptions& options, bool colour, const Clock& clock)
      : logger_("baton", sinks.begin(), sinks.end()), json_(options.json), colour_(colour), clock_(clock) {
    logger_.set_pattern("%v");
    logger_.set_level(spdlog_level(options.level));
    // Debug lines, too: what a process did last matters most when it was killed.
    logger_.flush_on(spdlog::level::debug);
    // By default it would write its own complaints to stderr, in the middle of the bar.
    logger_.set_error_handler([](const std::string&) {});
  }

  bool enabled(LogLevel level) const override { return logger_.should_log(spdlog_level(level)); }

  void write(LogLevel level, std::string_view subject, std::string_view message,
             std::initializer_list<LogField> fields) override {
    if (!enabled(level)) return;
    const std::string line = json_ ? json_line(clock_.now(), level, subject, message, fields)
                                   : console_line(clock_.now(), level, subject, message, fields, colour_);
    logger_.log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
  }

 private:
  spdlog::logger logger_;
  const bool json_;
  const bool colour_;
  const Clock& clock_;
};

absl::Status create_private(const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0600);
  if (file < 0) {
    return absl::UnknownError("--log-path: cannot write to " + scrub(path, 200) + ": " +
                              std::strerror(errno));
  }
  ::close(file);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::shared_ptr<Log>> open_log(const LogOptions& options, Console& console,
                                              const Clock& clock) {
  std::vector<spdlog::sink_ptr> sinks;
  bool any_file = false;
  if (options.paths.empty()) sinks.push_back(std::make_shared<ConsoleSink>(console));
  for (const std::string& path : options.paths) {
    if (path == "stderr") {
      sinks.push_back(std::make_shared<ConsoleSink>(console));
      continue;
    }
    if (absl::Status created = create_private(path); !created.ok()) return created;
    try {
      sinks.push_back(std::make_shared<spdlog::sinks::basic_file_sink_mt>(path));
    } catch (const spdlog::spdlog_ex& error) {
      return absl::UnknownError("--log-path: cannot write to " + scrub(path, 200) + ": " +
                                scrub(error.what(), 200));
    }
    any_file = true;
  }
  return std::make_shared<SpdlogLog>(std::move(sinks), options, console.has_colour() && !any_file, clock);
}

}  // namespace baton::runner
