#include "runner/log_line.hpp"

#include <array>
#include <cstdio>
#include <ctime>
#include <utility>

#include "base/redact.hpp"
#include "sdk/json_text.hpp"

namespace baton::runner {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::system_clock;

/// Longer texts say no more to a reader and could fill a disk.
constexpr std::size_t kMaxMessage = 4096;
constexpr std::size_t kMaxValue = 2048;

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarn:
      return "warn";
    case LogLevel::kError:
      break;
  }
  return "error";
}

std::string_view console_level(LogLevel level, bool colour) {
  switch (level) {
    case LogLevel::kDebug:
      return colour ? "\x1b[35mDEBUG\x1b[0m" : "DEBUG";
    case LogLevel::kInfo:
      return colour ? "\x1b[34mINFO\x1b[0m" : "INFO";
    case LogLevel::kWarn:
      return colour ? "\x1b[33mWARN\x1b[0m" : "WARN";
    case LogLevel::kError:
      break;
  }
  return colour ? "\x1b[31mERROR\x1b[0m" : "ERROR";
}

std::string iso_time(system_clock::time_point time) {
  const auto us = duration_cast<microseconds>(time.time_since_epoch()).count();
  const std::time_t seconds = us / 1'000'000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900,
                parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                static_cast<int>(us / 1000 % 1000));
  return text.data();
}

bool needs_quotes(std::string_view value) {
  return value.empty() || value.find_first_of(" \"=\\") != std::string_view::npos;
}

void append_member(std::string& line, std::string_view name, std::string_view value) {
  if (line.size() > 1) line.push_back(',');
  sdk::append_json_string(line, name);
  line.push_back(':');
  sdk::append_json_string(line, value);
}

}  // namespace

std::string console_line(system_clock::time_point time, LogLevel level, std::string_view subject,
                         std::string_view message, std::initializer_list<LogField> fields, bool colour) {
  std::string line = iso_time(time);
  line.push_back('\t');
  line.append(console_level(level, colour));
  line.push_back('\t');
  line.append(scrub(subject, 128));
  line.push_back('\t');
  line.append(scrub(message, kMaxMessage));
  char separator = '\t';
  for (const LogField& field : fields) {
    line.push_back(std::exchange(separator, ' '));
    line.append(field.name);
    line.push_back('=');
    const std::string value = scrub(field.value, kMaxValue);
    if (needs_quotes(value)) {
      sdk::append_json_string(line, value);
    } else {
      line.append(value);
    }
  }
  return line;
}

std::string json_line(system_clock::time_point time, LogLevel level, std::string_view subject,
                      std::string_view message, std::initializer_list<LogField> fields) {
  const auto us = duration_cast<microseconds>(time.time_since_epoch()).count();
  std::array<char, 48> stamp{};
  std::snprintf(stamp.data(), stamp.size(), "%lld.%06lld", static_cast<long long>(us / 1'000'000),
                static_cast<long long>(us % 1'000'000));
  std::string line = "{";
  append_member(line, "level", level_name(level));
  line.append(",\"ts\":").append(stamp.data());
  append_member(line, "caller", scrub(subject, 128));
  append_member(line, "msg", scrub(message, kMaxMessage));
  for (const LogField& field : fields) {
    const bool taken =
        field.name == "level" || field.name == "ts" || field.name == "caller" || field.name == "msg";
    append_member(line, taken ? std::string(field.name) + "_" : std::string(field.name),
                  scrub(field.value, kMaxValue));
  }
  line.push_back('}');
  return line;
}

}  // namespace baton::runner
