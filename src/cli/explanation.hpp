#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "c1/connector/v2/entitlement.pb.h"
#include "c1/connector/v2/grant.pb.h"
#include "c1/connector/v2/resource.pb.h"
#include "expansion/paths.hpp"
#include "storage/c1z/reader.hpp"

/// Why a principal holds an entitlement: paths through the expandable grants of a file, whether it was
/// expanded or not.
namespace baton::cli {

/// One link of a path, passed on by an expandable grant to the resource that the entitlement belongs to.
class ExplainedStep {
 public:
  ExplainedStep() = default;

  /// Whoever holds this one holds the entitlement of the step before, or the one in question.
  c1::connector::v2::Entitlement through;
  bool shallow = false;
  /// The types of principals that pass; empty lets everyone pass.
  std::vector<std::string> types;
  expansion::Obstacle obstacle = expansion::Obstacle::kNone;
};

class ExplainedPath {
 public:
  ExplainedPath() = default;

  /// From the entitlement in question to the one that was granted; none when that is the same.
  std::vector<ExplainedStep> steps;
  /// The grant at the end of the path counts as direct there.
  bool direct = true;
};

class Explanation {
 public:
  Explanation() = default;

  c1::connector::v2::Entitlement entitlement;
  /// The principal's grants of the entitlement in the file, as a rule one or none.
  std::vector<c1z::StoredGrant> grants;
  std::vector<ExplainedPath> holding;
  std::vector<ExplainedPath> stopped;
  /// Paths were left out.
  bool more_holding = false;
  bool more_stopped = false;
  /// What the paths alone would leave open: why file and paths disagree, if they do.
  std::vector<std::string> remarks;
};

/// Explains what one principal holds. Reads the file's expandable grants and the principal's grants once.
class Explainer {
 public:
  /// NotFound when the selected sync has neither the resource nor a grant of it. The reader must outlive
  /// this.
  static absl::StatusOr<Explainer> create(c1z::Reader& reader,
                                          const c1::connector::v2::ResourceId& principal);

  /// NotFound when there is neither an entitlement of this id nor a grant of it. `limit`: paths of each kind.
  absl::StatusOr<Explanation> explain(const std::string& entitlement_id, std::size_t limit);

 private:
  using Index = std::uint32_t;

  /// An entitlement that a grant, a description or a question names.
  class Entry {
   public:
    std::string id;
    bool looked_up = false;
    bool has_row = false;
    /// Of the row; without one, what grants say.
    c1::connector::v2::Entitlement entitlement;
    expansion::Hold hold = expansion::Hold::kNone;
    std::vector<std::size_t> descriptions;
  };
  /// What an expandable grant says.
  class Description {
   public:
    Index destination = 0;
    c1::connector::v2::ResourceId principal;
    std::vector<Index> sources;
    bool shallow = false;
    std::vector<std::string> types;
  };
  class Question;

  explicit Explainer(c1z::Reader& reader) : reader_(&reader) {}

  Index entry(const std::string& id);
  absl::Status read_descriptions();
  absl::Status read_grants();
  absl::Status look_up(Entry& entry);
  absl::StatusOr<std::vector<Index>> ancestors(Index asked);
  bool passes(const std::vector<std::string>& types) const;
  absl::StatusOr<bool> upstream_holds(const std::vector<Index>& around, Index asked,
                                      std::string& cycle) const;
  absl::Status remark(const std::vector<Index>& around, Index asked, Explanation& explanation) const;

  c1z::Reader* reader_;
  c1::connector::v2::ResourceId principal_;
  std::vector<Entry> entries_;
  std::unordered_map<std::string, Index> index_;
  std::vector<Description> descriptions_;
  std::map<Index, std::vector<c1z::StoredGrant>> grants_;
};

/// `TYPE:ID`, parted at the first colon. A usage error, naming the flag, for anything else.
absl::StatusOr<c1::connector::v2::ResourceId> parse_principal(const std::string& text);

}  // namespace baton::cli
