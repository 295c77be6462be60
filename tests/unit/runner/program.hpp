#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <unistd.h>

#include "runner/run_connector.hpp"

namespace baton::runner {

/// A program with one setting of each common sort.
inline ConnectorProgram sample_program() {
  ConnectorProgram program;
  program.name = "sample";
  program.description = "A connector for tests.";
  program.version = "1.2.3";
  program.fields = {
      sdk::Field::string("base-url").required().description("where the API is"),
      sdk::Field::string("token").secret().short_flag('t').description("the API's token"),
      sdk::Field::boolean("archived").description("archived users, too"),
      sdk::Field::integer("page-size").default_value(std::int64_t{200}).description("rows of a page"),
      sdk::Field::string_list("teams").description("only these teams"),
  };
  return program;
}

/// A folder that goes with the test.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "baton-runner-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) ADD_FAILURE() << "no scratch folder";
    path_ = pattern;
  }
  ~ScratchFolder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string file(std::string_view name) const { return (path_ / name).string(); }
  std::string write(std::string_view name, std::string_view text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return file(name);
  }
  std::string read(std::string_view name) const {
    std::ifstream stream(path_ / name, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  }

 private:
  std::filesystem::path path_;
};

}  // namespace baton::runner
