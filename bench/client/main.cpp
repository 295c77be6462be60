// How many requests a second one client makes on one thread: coroutines that get the same page over and over
// and read every row of it.
#include <chrono>
#include <cstdint>
#include <ctime>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "http/client.hpp"
#include "http/json.hpp"

namespace {

using namespace baton;
using std::chrono::steady_clock;

class Totals {
 public:
  Totals() = default;
  std::uint64_t requests = 0;
  std::uint64_t bytes = 0;
  std::uint64_t rows = 0;
  absl::Status error;
};

Task<void> get_until(http::Client& client, const std::string& target, steady_clock::time_point end,
                     Totals& totals) {
  while (steady_clock::now() < end && totals.error.ok()) {
    absl::StatusOr<http::JsonDocument> page = co_await client.get_json(target);
    if (!page.ok()) {
      totals.error = page.status();
      co_return;
    }
    std::uint64_t rows = 0;
    const absl::Status read = http::json_root(*page).for_each("items", [&rows](http::JsonObject row) {
      if (!row.string("id").empty() && !row.string_or("email", "").empty()) ++rows;
    });
    if (!read.ok()) {
      totals.error = read;
      co_return;
    }
    ++totals.requests;
    totals.bytes += page->text().size();
    totals.rows += rows;
  }
}

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

}  // namespace

int main(int argc, char** argv) {
  std::string url;
  std::string target = "static";
  std::string authorities;
  unsigned connections = 16;
  double seconds = 5;
  CLI::App app("Requests a second of one client on one thread; prints a line of JSON.");
  app.add_option("--url", url, "Where the tenant is")->required();
  app.add_option("--target", target, "What to get")->capture_default_str();
  app.add_option("--ca", authorities, "Certificates (PEM) to trust");
  app.add_option("--connections", connections, "Requests at a time")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--seconds", seconds, "How long")->check(CLI::PositiveNumber)->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  http::ClientOptions options(url);
  options.compression = false;
  options.max_connections_per_host = connections;
  if (!authorities.empty()) {
    std::ifstream file(authorities);
    options.tls.authorities.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  boost::asio::io_context io(1);
  http::UnlimitedPermits permits;
  absl::StatusOr<std::unique_ptr<http::Client>> client =
      http::Client::create(io.get_executor(), std::move(options), permits);
  if (!client.ok()) {
    std::cerr << "client_bench: " << client.status().message() << "\n";
    return 1;
  }
  Totals totals;
  const steady_clock::time_point start = steady_clock::now();
  const auto end =
      start + std::chrono::duration_cast<steady_clock::duration>(std::chrono::duration<double>(seconds));
  for (unsigned i = 0; i < connections; ++i) {
    boost::asio::co_spawn(io, get_until(**client, target, end, totals), [](const std::exception_ptr&) {});
  }
  io.run();
  const double took = std::chrono::duration<double>(steady_clock::now() - start).count();
  if (!totals.error.ok()) {
    std::cerr << "client_bench: " << totals.error.message() << "\n";
    return 1;
  }
  std::cout << "{\"requests_per_second\":" << static_cast<double>(totals.requests) / took
            << ",\"megabytes_per_second\":" << static_cast<double>(totals.bytes) / took / 1e6
            << ",\"rows_per_second\":" << static_cast<double>(totals.rows) / took
            << ",\"cpu_seconds\":" << cpu_seconds() << ",\"seconds\":" << took << "}\n";
  return 0;
}
