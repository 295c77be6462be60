// From the bytes of an answer to the rows of a page, as the demo connector does it.
#include <string>

#include "connectors/demo/members.hpp"
#include "connectors/demo/types.hpp"
#include "connectors/demo/users.hpp"
#include "micro/rows.hpp"
#include "micro/sample_pages.hpp"

namespace baton::bench {
namespace {

namespace demo = connectors::demo;

/// `read` fills a page of type `Page` from a document.
template <class Page, class Read>
void read_json(benchmark::State& state, const std::string& text, Read read) {
  const auto pool = http::JsonPool::create();
  for (auto _ : state) {
    // The copy stands for the socket that fills a body.
    http::JsonDocument json = parse(*pool, text);
    Page page;
    const absl::Status status = read(json, page);
    if (!status.ok() || page.size() != kPageRows) {
      state.SkipWithError("the page was not read");
      break;
    }
  }
  report_rows(state, kPageRows);
}

void json_to_users(benchmark::State& state) {
  read_json<sdk::Page<c1::connector::v2::Resource>>(
      state, users_json(), [](auto& json, auto& page) { return demo::read_users(json, page); });
}
BENCHMARK(json_to_users);

void json_to_members(benchmark::State& state) {
  const std::string group = group_id(1);
  read_json<sdk::Page<c1::connector::v2::Grant>>(state, members_json(1), [&](auto& json, auto& page) {
    return demo::read_principals(json, sdk::ResourceRef(demo::kGroup, group), demo::kMember, page);
  });
}
BENCHMARK(json_to_members);

}  // namespace
}  // namespace baton::bench
