#include <google/protobuf/stubs/logging.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "cli/app.hpp"

int main(int argc, char** argv) {
  // Errors are told once, by us.
  google::protobuf::SetLogHandler(nullptr);
  std::ios::sync_with_stdio(false);
  const char* no_color = std::getenv("NO_COLOR");
  const bool terminal = ::isatty(STDOUT_FILENO) == 1;
  const bool color = terminal && (no_color == nullptr || *no_color == '\0');
  winsize size{};
  const bool sized = terminal && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
  return baton::cli::run(std::vector<std::string>(argv + 1, argv + argc), std::cout, std::cerr, color,
                         sized ? size.ws_col : 0);
}
