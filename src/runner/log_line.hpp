#pragma once

#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/log.hpp"

/// One log line as text, without a newline.
namespace baton::runner {

/// "2026-01-31T12:00:00.123Z  INFO  sync.writer  committed  rows=12 type=user": tab separated, UTC. Foreign
/// text cannot break the line: control characters are removed, values with spaces or quotes are quoted.
std::string console_line(std::chrono::system_clock::time_point time, LogLevel level, std::string_view subject,
                         std::string_view message, std::initializer_list<LogField> fields, bool colour);

/// {"level":"info","ts":1769860800.123456,"caller":"sync.writer","msg":"committed","rows":"12"}: the members
/// of upstream's lines, then the facts, whose values are strings. A fact named like one of the members gets a
/// trailing underscore.
std::string json_line(std::chrono::system_clock::time_point time, LogLevel level, std::string_view subject,
                      std::string_view message, std::initializer_list<LogField> fields);

}  // namespace baton::runner
