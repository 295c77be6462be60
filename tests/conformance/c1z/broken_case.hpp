#pragma once

#include <gmock/gmock.h>
#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "cli/app.hpp"
#include "unit/c1z/scratch.hpp"

namespace baton::c1z {

/// A file that is broken, a command that reads it, and what that prints.
class BrokenCase {
 public:
  const char* name;
  std::function<std::string()> file;
  std::vector<std::string> command;
  int exit;
  /// FILE stands for the path, a star for a number.
  const char* line;
};

inline std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

/// One line that names the file and the place, no results, and no more memory or disk than for a good file.
inline void expect_one_line(const BrokenCase& broken) {
  google::protobuf::SetLogHandler(nullptr);
  const Scratch scratch;
  const Environment folder("BATON_TMPDIR", scratch.folder().c_str());
  const std::string path = scratch / "in.c1z";
  write_file(path, broken.file());
  for (const char* format : {"console", "json"}) {
    std::vector<std::string> arguments = broken.command;
    arguments.insert(arguments.end(), {"-f", path, "-o", format});
    std::ostringstream results;
    std::ostringstream errors;
    EXPECT_EQ(cli::run(arguments, results, errors, false), broken.exit);
    EXPECT_EQ(results.str(), "");
    std::string expected = broken.line;
    for (const char* special : {"(", ")"})
      expected = replaced(expected, special, std::string("\\") + special);
    EXPECT_THAT(replaced(errors.str(), path, "FILE"),
                testing::MatchesRegex("Error: " + replaced(expected, "*", "[0-9]+") + "\n"));
  }
  EXPECT_THAT(scratch.names(), testing::ElementsAre("in.c1z"));
#ifndef __SANITIZE_ADDRESS__
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  EXPECT_LT(usage.ru_maxrss, 300 << 10) << "in KiB";
#endif
}

}  // namespace baton::c1z
