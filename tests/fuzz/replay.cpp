/// Stands in for libFuzzer in the ordinary build: runs a fuzz target over its seeds and over mutations of
/// them, the same ones at each run, so that a target cannot rot between two long fuzzing runs.
///
///     fuzz_<target> RUNS PATH…
///
/// Each path is a seed or a folder of seeds; RUNS is the number of mutations (0: the seeds alone). An input
/// that crashes the target, or keeps it for 60 seconds, is written to `crash-<target>` in the current folder.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr unsigned kPatienceSeconds = 60;
constexpr std::size_t kLargestInput = std::size_t{1} << 20;

std::string current;
std::string crash_file;

/// Only calls that are allowed in a signal's handler.
void keep_input(int signal) {
  const int file = ::open(crash_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file >= 0 && ::write(file, current.data(), current.size()) >= 0) {
    constexpr char kWhat[] = "the input that did it is in ";
    [[maybe_unused]] ssize_t told = ::write(STDERR_FILENO, kWhat, sizeof kWhat - 1);
    told = ::write(STDERR_FILENO, crash_file.data(), crash_file.size());
    told = ::write(STDERR_FILENO, "\n", 1);
  }
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

void run(std::string input) {
  current = std::move(input);
  ::alarm(kPatienceSeconds);
  // A copy of exactly this size, so that a sanitizer sees a read behind its end.
  const std::vector<std::uint8_t> bytes(current.begin(), current.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  ::alarm(0);
}

/// splitmix64: numbers that are the same everywhere.
class Random {
 public:
  std::uint64_t next() {
    std::uint64_t value = state_ += 0x9E3779B97F4A7C15;
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9;
    value = (value ^ value >> 27) * 0x94D049BB133111EB;
    return value ^ value >> 31;
  }
  /// Less than `bound`, which is not 0.
  std::size_t below(std::size_t bound) { return next() % bound; }

 private:
  std::uint64_t state_ = 1;
};

void mutate_once(std::string& input, const std::vector<std::string>& seeds, Random& random) {
  constexpr std::array<std::uint64_t, 10> kEdges{0,      1,      0x7F,       0x80,       0xFF,
                                                 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF};
  const std::size_t at = random.below(input.size() + 1);
  const std::size_t length = std::min(input.size() - at, 1 + random.below(random.below(4) == 0 ? 512 : 8));
  switch (random.below(8)) {
    case 0:
      if (at < input.size()) input[at] = static_cast<char>(input[at] ^ 1 << random.below(8));
      break;
    case 1:
      if (at < input.size()) input[at] = static_cast<char>(random.next());
      break;
    case 2: {  // an integer at its limits, in either byte order
      std::uint64_t value = kEdges[random.below(kEdges.size())];
      const std::size_t width = std::min(input.size() - at, std::size_t{1} << random.below(4));
      const bool big = random.below(2) == 0;
      for (std::size_t i = 0; i < width; ++i, value >>= 8) {
        input[big ? at + width - 1 - i : at + i] = static_cast<char>(value);
      }
      break;
    }
    case 3:
      input.erase(at, length);
      break;
    case 4:
      input.insert(at, input.substr(at, length));
      break;
    case 5: {
      std::string fresh(1 + random.below(16), '\0');
      for (char& byte : fresh) byte = static_cast<char>(random.next());
      input.insert(at, fresh);
      break;
    }
    case 6: {
      const std::string& other = seeds[random.below(seeds.size())];
      input.replace(
          at, std::string::npos,
          other.substr(std::min(other.size(), random.below(2) == 0 ? at : random.below(other.size() + 1))));
      break;
    }
    default:
      input.resize(at);
  }
  if (input.size() > kLargestInput) input.resize(kLargestInput);
}

std::vector<std::string> read_seeds(int count, char** paths) {
  namespace fs = std::filesystem;
  std::vector<fs::path> files;
  for (int i = 0; i < count; ++i) {
    if (fs::is_directory(paths[i])) {
      for (const auto& entry : fs::directory_iterator(paths[i])) {
        if (entry.is_regular_file()) files.push_back(entry.path());
      }
    } else {
      files.emplace_back(paths[i]);
    }
  }
  std::ranges::sort(files);
  std::vector<std::string> seeds;
  for (const fs::path& path : files) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
      std::fprintf(stderr, "cannot read %s\n", path.c_str());
      std::exit(2);
    }
    seeds.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return seeds;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) {
    std::fprintf(stderr, "usage: %s RUNS PATH...\n", arguments[0]);
    return 2;
  }
  const unsigned long runs = std::strtoul(arguments[1], nullptr, 10);
  const std::vector<std::string> seeds = read_seeds(count - 2, arguments + 2);
  if (seeds.empty()) {
    std::fprintf(stderr, "no seeds\n");
    return 2;
  }
  crash_file = "crash-" + std::filesystem::path(arguments[0]).filename().string();
  for (const int signal : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGALRM}) ::signal(signal, &keep_input);
  run("");
  for (const std::string& seed : seeds) run(seed);
  Random random;
  for (unsigned long i = 0; i < runs; ++i) {
    std::string input = seeds[random.below(seeds.size())];
    for (std::size_t steps = 1 + random.below(4); steps > 0; --steps) mutate_once(input, seeds, random);
    run(std::move(input));
  }
  std::printf("%zu seeds, %lu mutations\n", seeds.size(), runs);
  return 0;
}
