#include "cli/app.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/exit_code.hpp"
#include "cli/command.hpp"

namespace baton::cli {
namespace {

constexpr int kUsageExit = 2;

std::string text(std::string_view view) {
  return std::string(view);
}

void add_flag(CLI::App& app, Flag flag, Options& options) {
  switch (flag) {
    case Flag::kSyncId:
      app.add_option("--sync-id", options.sync_id,
                     "The sync to read; otherwise the latest finished one, of whatever type")
          ->type_name("ID");
      break;
    case Flag::kResourceType:
      app.add_option("-t,--resource-type", options.resource_type, "Only this resource type")
          ->type_name("TYPE");
      break;
    case Flag::kResource:
      app.add_option("-r,--resource", options.resource, "Only this resource; goes with --resource-type")
          ->type_name("ID");
      break;
    case Flag::kEntitlement:
      app.add_option("-e,--entitlement", options.entitlement, "Only this entitlement")->type_name("ID");
      break;
    case Flag::kPrincipalType:
      app.add_option("--principal-type", options.principal_type,
                     "Only grants held by principals of this type")
          ->type_name("TYPE");
      break;
    case Flag::kPrincipal:
      app.add_option("--principal", options.principal,
                     "Only grants held by this principal; goes with --principal-type")
          ->type_name("ID");
      break;
    case Flag::kWho:
      app.add_option("-p,--principal", options.principal, "Who: the principal's resource type and id")
          ->type_name("TYPE:ID");
      break;
    case Flag::kWhat:
      app.add_option("-e,--entitlement", options.entitlement, "What: the entitlement's id")->type_name("ID");
      break;
    case Flag::kWhy:
      app.add_flag("--why", options.why, "Show by which paths each entitlement is held");
      break;
    case Flag::kLimit:
      app.add_option("--limit", options.limit,
                     "Paths to show at most, shortest first: so many that hold, and so many that are stopped")
          ->type_name("N")
          ->check(CLI::Range(std::size_t{1}, std::size_t{10'000}))
          ->capture_default_str();
      break;
    case Flag::kRowLimit:
      app.add_option("--limit", options.rows_at_most, "Only the first so many rows")
          ->type_name("N")
          ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 62));
      break;
    case Flag::kDirect:
      app.add_flag("--direct", options.direct, "Only grants that are held directly");
      break;
    case Flag::kExpanded:
      app.add_flag("--expanded", options.expanded, "Only grants that come from other entitlements alone");
      break;
    case Flag::kOut:
      app.add_option("--out", options.out, "The file to write; must not exist")->type_name("PATH");
      break;
    case Flag::kOutOrLatest:
      app.add_option("--out", options.out, "The file to write; must not exist")
          ->type_name("PATH")
          ->default_str(kLatestFile);
      break;
    case Flag::kStorageEngine:
      app.add_option_function<std::string>(
             "--storage-engine",
             [&options](const std::string& name) {
               if (name != "sqlite" && name != "pebble") {
                 throw CLI::ValidationError("--storage-engine", "must be sqlite or pebble, not " + name);
               }
               options.engine = name == "sqlite" ? StorageEngine::kSqlite : StorageEngine::kPebble;
             },
             "sqlite (version 1) or pebble (version 3); otherwise that of the file")
          ->type_name("ENGINE");
      break;
    case Flag::kOverwrite:
      app.add_flag("--overwrite", options.overwrite, "Replace --out if it exists");
      break;
    case Flag::kMode:
      app.add_option_function<std::string>(
             "--mode",
             [&options](const std::string& name) {
               if (name != "upstream" && name != "strict") {
                 throw CLI::ValidationError("--mode", "must be upstream or strict, not " + name);
               }
               options.strict = name == "strict";
             },
             "upstream, or strict: members of a cycle get each other's grants, and filters in it count")
          ->type_name("MODE")
          ->default_str("upstream");
      break;
    case Flag::kMaxRows:
      app.add_option("--max-rows", options.max_rows, "Fail rather than add more grants; 0 is no bound")
          ->type_name("N")
          ->default_str("0");
      break;
    case Flag::kDryRun:
      app.add_flag("--dry-run", options.dry_run, "Only say what would be done");
      break;
    case Flag::kReplay:
      app.add_flag("--replay", options.replay, "Expand again what was rolled back");
      break;
    case Flag::kValidate:
      app.add_flag("--validate", options.validate,
                   "With --replay: fail if any grant's sources are not what they were");
      break;
    case Flag::kPreserveSuspects:
      app.add_flag("--preserve-suspect-grants", options.preserve_suspects,
                   "Keep grants that look derived but may be the connector's");
      break;
    case Flag::kWide:
      app.add_flag("--wide", options.wide,
                   "More in tables: the token of a sync, the entitlements that a grant comes from (Via)");
      break;
    case Flag::kTimings:
      app.add_flag("--timings", options.timings, "Show also what the steps and calls of the sync took");
      break;
    case Flag::kCompared:
      app.add_option("--compare-file", options.compare_file, "The other c1z file")
          ->type_name("PATH")
          ->capture_default_str();
      app.add_option("--compare-entitlement", options.compare_entitlement, "The other entitlement")
          ->type_name("ID");
      app.add_option("--match", options.match,
                     "When two principals are one: some of id, email, login and name, the surest first")
          ->type_name("RULES")
          ->capture_default_str();
      break;
    case Flag::kCommon:
      app.add_flag("--common", options.common, "Leave out what a c1z of version 3 cannot hold");
      break;
    case Flag::kRows:
      app.add_flag("--rows", options.rows, "Print the canonical rows as JSON lines instead");
      break;
  }
}

void add_general(CLI::App& app, Options& options) {
  app.add_option("-f,--file", options.file, "The c1z file")->type_name("PATH")->capture_default_str();
  app.add_option_function<std::string>(
         "-o,--output-format",
         [&options](const std::string& name) {
           if (name != "console" && name != "json") {
             throw CLI::ValidationError("--output-format", "must be console or json, not " + name);
           }
           options.format = name == "json" ? Format::kJson : Format::kConsole;
         },
         "console or json")
      ->type_name("FORMAT")
      ->default_str("console");
  app.add_flag("--no-color", options.no_color, "No colours, not even on a terminal; so does NO_COLOR");
}

/// One line, whatever the library or a file's text put into it.
std::string one_line(std::string_view message) {
  std::string line(message);
  std::ranges::replace_if(
      line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
  return line;
}

int fail(std::ostream& errors, std::string_view message, int code) {
  errors << "Error: " << one_line(message) << '\n';
  return code;
}

}  // namespace

int run(std::vector<std::string> arguments, std::ostream& results, std::ostream& errors, bool color,
        std::size_t width) {
  Options options;
  CLI::App app("Reads the c1z files that connectors write.", "baton");
  app.set_version_flag("-v,--version", "baton " BATON_VERSION);
  app.set_help_flag("-h,--help", "This text");
  app.get_formatter()->column_width(28);
  add_general(app, options);
  app.footer(
      "baton COMMAND --help lists a command's own options. Exit codes are gRPC's status numbers; 2 also for "
      "a\n"
      "command line that makes no sense.");
  const Command* chosen = nullptr;
  for (const Command& command : commands()) {
    const std::size_t blank = command.name.find(' ');
    CLI::App& above =
        blank == std::string_view::npos ? app : *app.get_subcommand(text(command.name.substr(0, blank)));
    const std::string name = text(command.name.substr(blank + 1));  // npos + 1 is 0
    CLI::App& sub = *above.add_subcommand(name, text(command.summary));
    // An option of the subcommand is its own, even when the command above has one of that name.
    sub.fallthrough();
    sub.set_help_flag("-h,--help", "This text");
    sub.footer("-f/--file, -o/--output-format and --no-color as for every command; see baton --help.");
    for (const Flag flag : command.flags) add_flag(sub, flag, options);
    // A command above one of its own is called, too.
    sub.callback([&chosen, &command] {
      if (chosen == nullptr || command.name.size() > chosen->name.size()) chosen = &command;
    });
  }
  app.require_subcommand(0, 1);

  const bool first_is_command = !arguments.empty() && !arguments.front().starts_with('-');
  if (first_is_command && std::ranges::none_of(commands(), [&](const Command& known) {
        return known.name == arguments.front();
      })) {
    return fail(errors,
                absl::StrCat("unknown command ", arguments.front(), "; baton --help lists the commands"),
                kUsageExit);
  }
  try {
    // The library takes them from the back.
    std::ranges::reverse(arguments);
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    results << app.help("", CLI::AppFormatMode::Normal);
    return 0;
  } catch (const CLI::CallForVersion& version) {
    results << version.what() << '\n';
    return 0;
  } catch (const CLI::ParseError& error) {
    return fail(errors, absl::StrCat(error.what(), "; see baton --help"), kUsageExit);
  }
  if (chosen == nullptr) {
    results << app.help();
    return 0;
  }

  Output output(results, errors, color && !options.no_color, width);
  absl::Status status = chosen->run(options, output);
  if (status.ok()) status = output.finish();
  if (status.ok()) return 0;
  return fail(errors, std::string_view(status.message().data(), status.message().size()), exit_code(status));
}

}  // namespace baton::cli
