#include "storage/c1z/pages/schema_page.hpp"

#include <array>
#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"
#include "storage/c1z/pages/page_image.hpp"
#include "storage/c1z/pages/record.hpp"
#include "storage/c1z/pages/table_tree.hpp"
#include "storage/c1z/v1_schema.hpp"

namespace baton::c1z {
namespace {

constexpr std::size_t kHeaderBytes = 100;
/// The version of SQLite whose files these are like: 3.40.1. Programs may show it, none decides by it.
constexpr std::uint32_t kLikeVersion = 3040001;

/// Rows of `sqlite_schema`: type, name, table, root page, statement.
class SchemaRows {
 public:
  SchemaRows(TableTree& tree, const Roots& roots) : tree_(tree), roots_(roots) {}

  absl::Status add(std::string_view type, std::string_view name, std::string_view table,
                   std::string_view sql) {
    const auto root = roots_.find(name);
    if (root == roots_.end()) {
      return absl::InternalError(
          absl::StrCat(absl::string_view(name.data(), name.size()), " was not written"));
    }
    const std::array<Value, 5> columns{Value::text(type), Value::text(name), Value::text(table),
                                       Value::integer(root->second), Value::text(sql)};
    RecordHeader header;
    std::size_t size = 0;
    for (const Value& value : columns) {
      header.add(value.serial_type());
      size += value.body_size();
    }
    body_.resize(size);
    char* at = body_.data();
    for (const Value& value : columns) at = value.put_body(at);
    return tree_.add(++rows_, header.finish(), body_);
  }

 private:
  TableTree& tree_;
  const Roots& roots_;
  std::int64_t rows_ = 0;
  std::string body_;
};

/// "The Database Header" of the file format.
void put_header(char* at, const PageStream& pages) {
  std::memset(at, 0, kHeaderBytes);
  std::memcpy(at, "SQLite format 3", 16);
  // 65536 is written as 1.
  put_be16(at + 16, pages.page_bytes() == 65536 ? 1 : pages.page_bytes());
  at[18] = 1;  // legacy journal, for writing and for reading
  at[19] = 1;
  at[21] = 64;  // payload fractions, which are fixed
  at[22] = 32;
  at[23] = 32;
  put_be32(at + 24, 1);  // change counter; the size counts when it equals the number at 92
  put_be32(at + 28, pages.page_count());
  put_be32(at + 40, 1);  // schema cookie
  put_be32(at + 44, 4);  // schema format
  put_be32(at + 56, 1);  // UTF-8
  put_be32(at + 92, 1);
  put_be32(at + 96, kLikeVersion);
}

}  // namespace

absl::StatusOr<std::vector<std::byte>> make_first_page(PageStream& pages, const Roots& roots) {
  TableTree tree(pages);
  SchemaRows rows(tree, roots);
  for (const TableSchema& table : v1_tables()) {
    absl::Status status = rows.add("table", table.name, table.name, table.create);
    if (!status.ok()) return status;
  }
  for (const IndexSchema& index : v1_indexes()) {
    absl::Status status = rows.add("index", index.name, index.table, index.create);
    if (!status.ok()) return status;
  }
  absl::StatusOr<std::vector<std::byte>> page = tree.finish_on_first_page(kHeaderBytes);
  if (page.ok()) put_header(reinterpret_cast<char*>(page->data()), pages);
  return page;
}

}  // namespace baton::c1z
