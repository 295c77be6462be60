#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace baton {

enum class LogLevel { kDebug, kInfo, kWarn, kError };

/// One fact of a log line.
class LogField {
 public:
  LogField(std::string_view name, std::string value) : name(name), value(std::move(value)) {}
  LogField(std::string_view name, std::uint64_t number) : name(name), value(std::to_string(number)) {}

  std::string_view name;
  std::string value;
};

/// Where log lines go: an interface, so that only the process that runs decides on files, format and level.
///
/// A line is what happened, in words, with facts beside it; never a secret and never a body. Implementations
/// are safe to use from any thread.
class Log {
 public:
  virtual ~Log() = default;
  /// Whether lines of this level are kept; ask before building expensive facts.
  virtual bool enabled(LogLevel level) const = 0;
  /// `subject` names who speaks, such as "sync.writer".
  virtual void write(LogLevel level, std::string_view subject, std::string_view message,
                     std::initializer_list<LogField> fields) = 0;
};

/// Keeps nothing.
class NullLog final : public Log {
 public:
  bool enabled(LogLevel) const override { return false; }
  void write(LogLevel, std::string_view, std::string_view, std::initializer_list<LogField>) override {}
};

}  // namespace baton
