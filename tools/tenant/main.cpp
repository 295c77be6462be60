#include <csignal>
#include <cstdio>

#include <pthread.h>

#include "tenant/options.hpp"
#include "tenant/server.hpp"

int main(int argc, char** argv) {
  const tenant::CommandLine line = tenant::parse_command_line(argc, argv);
  if (line.exit_code) {
    std::fputs(line.text.c_str(), *line.exit_code == 0 ? stdout : stderr);
    return *line.exit_code;
  }
  // The signals are blocked before the server's thread starts and inherits the mask, so that only the wait
  // below ever sees them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  const auto server = tenant::Server::start(line.options);
  if (!server.ok()) {
    const auto message = server.status().message();
    std::fprintf(stderr, "baton-tenant: %.*s\n", static_cast<int>(message.size()), message.data());
    return server.status().code() == absl::StatusCode::kInvalidArgument ? 2 : 1;
  }
  std::printf("listening on %s\n", (*server)->base_url().c_str());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  (*server)->stop();
  return 0;
}
