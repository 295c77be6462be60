#include "absl/strings/str_join.h"
#include "baton/v1/outputs.pb.h"
#include "cli/command.hpp"
#include "cli/list_output.hpp"
#include "cli/selection.hpp"
#include "cli/table.hpp"

namespace baton::cli {
namespace {

using c1::connector::v2::ResourceType;

std::string traits_text(const ResourceType& type) {
  return absl::StrJoin(type.traits(), ", ", [](std::string* text, int trait) {
    const std::string& name = ResourceType::Trait_Name(trait);
    text->append(name.empty() ? std::to_string(trait) : name);
  });
}

}  // namespace

absl::Status run_resource_types(const Options& options, Output& output) {
  const auto reader = open_selected(options, output);
  if (!reader.ok()) return reader.status();
  return print_list(options, output, "resourceTypes", {"ID", "Display Name", "Traits"}, [&](RowSink& rows) {
    return (*reader)->for_each_resource_type([&](const ResourceType& type) -> absl::Status {
      if (absl::Status status = rows.begin_row(); !status.ok()) return status;
      if (rows.wants_cells()) rows.cells({cell(type.id()), cell(type.display_name()), traits_text(type)});
      if (rows.wants_message()) {
        baton::v1::ResourceTypeOutput item;
        *item.mutable_resource_type() = type;
        rows.message(item);
      }
      return absl::OkStatus();
    });
  });
}

}  // namespace baton::cli
