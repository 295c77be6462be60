#include <utility>

#include "connectors/demo/connector.hpp"
#include "runner/run_connector.hpp"

namespace {

using baton::sdk::Field;

absl::StatusOr<std::shared_ptr<baton::sdk::Connector>> make(const baton::sdk::Config& config,
                                                            baton::runner::ConnectorRuntime& runtime) {
  baton::http::ClientOptions options(config.get_string("base-url"));
  if (config.is_set("token")) {
    options.credentials = baton::http::Credentials::bearer(config.get_string("token"));
  }
  options.clock = &runtime.clock();
  options.entropy = &runtime.entropy();
  auto demo = baton::connectors::demo::make_demo_connector(runtime.executor(), std::move(options),
                                                           runtime.permits(), runtime.request_log());
  if (!demo.ok()) return demo.status();
  runtime.count(*demo->counters);
  return std::move(demo->connector);
}

}  // namespace

int main(int argc, char** argv) {
  baton::runner::ConnectorProgram program;
  program.name = "demo";
  program.description = "Syncs users, groups, roles and applications of a baton-tenant directory.";
  program.version = BATON_VERSION;
  program.fields = {
      Field::string("base-url")
          .required()
          .description("Where the directory's API is, such as http://127.0.0.1:8080"),
      Field::string("token").secret().description("Bearer token for the API"),
  };
  program.make = make;
  return baton::runner::run_connector(argc, argv, program);
}
