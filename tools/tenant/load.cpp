// Measures how fast a running tenant serves pages: a few connections ask for one kind of list over and over
// and drop what they get. The tenant counts the rows and its own CPU time, so the figure holds on a busy
// machine too.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;

struct Plan {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  std::string what = "users";
  unsigned connections = 8;
  double seconds = 5;
  std::uint64_t groups = 1'000;
};

std::string_view between(std::string_view text, std::string_view before, char after) {
  const std::size_t at = text.find(before);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + before.size());
  return text.substr(0, text.find(after));
}

// One connection that sends requests and reads whole answers.
class Client {
 public:
  Client(asio::io_context& io, const Plan& plan) : socket_(io) {
    socket_.connect(tcp::endpoint(asio::ip::make_address(plan.host), plan.port));
    socket_.set_option(tcp::no_delay(true));
  }

  // The body, valid until the next call.
  asio::awaitable<std::string_view> get(const std::string& target) {
    const std::string request = "GET " + target + " HTTP/1.1\r\nHost: tenant\r\n\r\n";
    co_await asio::async_write(socket_, asio::buffer(request), asio::use_awaitable);
    std::size_t have = 0;
    std::optional<std::size_t> whole;
    std::size_t head = 0;
    while (!whole || have < *whole) {
      if (input_.size() - have < 16 * 1024)
        input_.resize(std::max(input_.size() * 2, std::size_t{128 * 1024}));
      have += co_await socket_.async_read_some(asio::buffer(input_.data() + have, input_.size() - have),
                                               asio::use_awaitable);
      const std::string_view text(input_.data(), have);
      const std::size_t end = whole ? std::string_view::npos : text.find("\r\n\r\n");
      if (end != std::string_view::npos) {
        head = end + 4;
        const std::string_view length = between(text.substr(0, head), "Content-Length: ", '\r');
        std::size_t bytes = 0;
        std::from_chars(length.data(), length.data() + length.size(), bytes);
        whole = head + bytes;
      }
    }
    co_return std::string_view(input_.data(), have).substr(head);
  }

 private:
  tcp::socket socket_;
  std::string input_;
};

std::string group_id(std::uint64_t index) {
  char id[32];
  std::snprintf(id, sizeof id, "g-%05llu", static_cast<unsigned long long>(index));
  return id;
}

asio::awaitable<void> load(asio::io_context& io, const Plan& plan, unsigned number, Clock::time_point end) {
  Client client(io, plan);
  std::uint64_t group = number;
  std::string target;
  while (Clock::now() < end) {
    if (plan.what == "static") {
      target = "/static";
    } else if (plan.what == "members") {
      group = (group + plan.connections) % plan.groups;
      target = "/v1/groups/" + group_id(group) + "/members";
    } else if (target.empty()) {
      target = "/v1/" + plan.what;
    }
    const std::string_view body = co_await client.get(target);
    if (plan.what != "members") {
      const std::string_view next =
          between(body.substr(body.size() - std::min<std::size_t>(body.size(), 64)), "\"next\":\"", '"');
      target = next.empty() ? std::string() : "/v1/" + plan.what + "?cursor=" + std::string(next);
    }
  }
}

double counter(std::string_view counters, std::string_view name) {
  const std::string_view text = between(counters, "\"" + std::string(name) + "\":", ',');
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

asio::awaitable<void> fetch_counters(asio::io_context& io, const Plan& plan, std::string& out) {
  Client client(io, plan);
  out = std::string(co_await client.get("/admin/counters"));
}

std::string counters(const Plan& plan) {
  asio::io_context io;
  std::string out;
  asio::co_spawn(io, fetch_counters(io, plan, out), asio::detached);
  io.run();
  return out;
}

int run(const Plan& plan) {
  const std::string before = counters(plan);
  const Clock::time_point start = Clock::now();
  const Clock::time_point end =
      start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(plan.seconds));
  asio::io_context io(1);
  for (unsigned i = 0; i < plan.connections; ++i) asio::co_spawn(io, load(io, plan, i, end), asio::detached);
  io.run();
  const double wall = std::chrono::duration<double>(Clock::now() - start).count();
  const std::string after = counters(plan);
  const auto delta = [&](std::string_view name) { return counter(after, name) - counter(before, name); };
  const double cpu = delta("cpu_seconds");
  std::printf("%s: %.0f rows/s, %.0f MB/s; %.0f rows per second of the tenant's CPU (%.0f %% of a core)\n",
              plan.what.c_str(), delta("rows") / wall, delta("bytes") / wall / 1e6, delta("rows") / cpu,
              100 * cpu / wall);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Plan plan;
  CLI::App app("Measures how fast a running tenant serves its pages.", "baton-tenant-load");
  app.add_option("--host", plan.host, "Address of the tenant");
  app.add_option("--port", plan.port, "Its port")->required();
  app.add_option("--what", plan.what, "What to ask for")
      ->check(CLI::IsMember({"users", "groups", "roles", "members", "static"}));
  app.add_option("--connections", plan.connections, "Connections")->check(CLI::Range(1, 1000));
  app.add_option("--seconds", plan.seconds, "How long")->check(CLI::Range(0.1, 600.0));
  app.add_option("--groups", plan.groups, "Groups of the tenant, for members")->check(CLI::Range(1, 99999));
  CLI11_PARSE(app, argc, argv);
  try {
    return run(plan);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "baton-tenant-load: %s\n", e.what());
    return 1;
  }
}
