// The HTTP client against the tenant's page of 50 kB on the loopback interface, both in this process.
#include <cstddef>
#include <memory>
#include <string>

#include <benchmark/benchmark.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "http/client.hpp"
#include "http/permit.hpp"
#include "tenant/server.hpp"

namespace baton::bench {
namespace {

constexpr int kConnections = 16;
constexpr int kRequestsPerConnection = 32;

Task<absl::Status> get_bytes(http::Client& client) {
  for (int i = 0; i < kRequestsPerConnection; ++i) {
    const auto response = co_await client.send(http::Request(http::Method::kGet, "static"));
    if (!response.ok()) co_return response.status();
  }
  co_return absl::OkStatus();
}

Task<absl::Status> get_json(http::Client& client) {
  for (int i = 0; i < kRequestsPerConnection; ++i) {
    const auto document = co_await client.get_json("static");
    if (!document.ok()) co_return document.status();
  }
  co_return absl::OkStatus();
}

/// Runs `get` on as many coroutines as there are connections, over and over.
void run(benchmark::State& state, Task<absl::Status> (*get)(http::Client&)) {
  const auto server = tenant::Server::start(tenant::Options());
  boost::asio::io_context io(1);
  http::UnlimitedPermits permits;
  http::ClientOptions options(server.ok() ? (*server)->base_url() : std::string());
  auto client = http::Client::create(io.get_executor(), std::move(options), permits);
  if (!client.ok()) {
    state.SkipWithError("no server or no client");
    return;
  }
  for (auto _ : state) {
    int running = kConnections;
    bool failed = false;
    for (int i = 0; i < kConnections; ++i) {
      boost::asio::co_spawn(io, get(**client), [&](std::exception_ptr, absl::Status status) {
        failed = failed || !status.ok();
        // The client's own clock would keep the loop running.
        if (--running == 0) io.stop();
      });
    }
    io.run();
    io.restart();
    if (failed) {
      state.SkipWithError("a request failed");
      break;
    }
  }
  state.counters["per_request"] =
      benchmark::Counter(kConnections * kRequestsPerConnection,
                         benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void http_get(benchmark::State& state) {
  run(state, get_bytes);
}
BENCHMARK(http_get)->UseRealTime()->Unit(benchmark::kMillisecond);

void http_get_json(benchmark::State& state) {
  run(state, get_json);
}
BENCHMARK(http_get_json)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace baton::bench
