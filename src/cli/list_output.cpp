#include "cli/list_output.hpp"

#include "cli/protojson.hpp"
#include "cli/table.hpp"

namespace baton::cli {
namespace {

constexpr std::size_t kFlushBytes = std::size_t{64} << 10;

class Measure final : public RowSink {
 public:
  explicit Measure(TableLayout& layout) : layout_(layout) {}
  bool wants_cells() const override { return true; }
  void cells(const std::vector<std::string>& row) override { layout_.measure(row); }

 private:
  TableLayout& layout_;
};

class PrintTable final : public RowSink {
 public:
  PrintTable(const TableLayout& layout, Output& output) : layout_(layout), output_(output) {}
  bool wants_cells() const override { return true; }
  void cells(const std::vector<std::string>& row) override { output_.text(layout_.line(row)); }

 private:
  const TableLayout& layout_;
  Output& output_;
};

class PrintJson final : public RowSink {
 public:
  PrintJson(const std::string& member, Output& output) : member_(member), output_(output) {}
  bool wants_message() const override { return true; }
  void message(const google::protobuf::Message& row) override {
    if (empty_) {
      text_.push_back('{');
      append_json_string(member_, text_);
      text_ += ":[";
    } else {
      text_.push_back(',');
    }
    empty_ = false;
    append_json(row, text_);
    if (text_.size() >= kFlushBytes) {
      output_.text(text_);
      text_.clear();
    }
  }
  void finish() {
    text_ += empty_ ? "{}\n" : "]}\n";
    output_.text(text_);
  }

 private:
  const std::string& member_;
  Output& output_;
  bool empty_ = true;
  std::string text_;
};

class Check final : public RowSink {};

absl::Status walk(const Options& options, const Rows& rows, RowSink& sink) {
  if (options.rows_at_most > 0) sink.stop_behind(options.rows_at_most);
  absl::Status status = rows(sink);
  return status == RowSink::enough() ? absl::OkStatus() : status;
}

}  // namespace

absl::Status print_list(const Options& options, Output& output, const std::string& json_member,
                        const std::vector<std::string>& header, const Rows& rows) {
  if (options.format == Format::kJson) {
    Check check;
    if (absl::Status status = walk(options, rows, check); !status.ok()) return status;
    PrintJson print(json_member, output);
    const absl::Status status = walk(options, rows, print);
    if (status.ok()) print.finish();
    return status;
  }
  TableLayout layout(header);
  Measure measure(layout);
  if (absl::Status status = walk(options, rows, measure); !status.ok()) return status;
  layout.fit(output.width());
  output.text(layout.header_line(output.color()));
  PrintTable print(layout, output);
  const absl::Status status = walk(options, rows, print);
  output.text("\n");
  return status;
}

}  // namespace baton::cli
