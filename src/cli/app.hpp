#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

namespace baton::cli {

/// Runs the command line `arguments` (without the program's name) and returns the exit code: 0, the gRPC
/// number of the error's code, or 2 for a command line that makes no sense. An error is one line on `errors`,
/// and nothing on `results`. `color` allows escape sequences in tables; `width` is that of the terminal, 0
/// when lines may have any length.
int run(std::vector<std::string> arguments, std::ostream& results, std::ostream& errors, bool color,
        std::size_t width = 0);

}  // namespace baton::cli
