#include "sdk/bag.hpp"

#include "absl/strings/str_cat.h"
#include "base/limits.hpp"
#include "sdk/json_text.hpp"

namespace baton::sdk {
namespace {

const std::string kNothing;

void append_member(std::string& text, std::string_view name, const std::string& value) {
  if (value.empty()) return;
  if (text.back() != '{') text.push_back(',');
  append_json_string(text, name);
  text.push_back(':');
  append_json_string(text, value);
}

void append_state(std::string& text, const PageState& state) {
  text.push_back('{');
  append_member(text, "token", state.token);
  append_member(text, "type", state.resource_type_id);
  append_member(text, "id", state.resource_id);
  text.push_back('}');
}

bool read_state(JsonReader& reader, PageState& state) {
  if (!reader.begin_object()) return false;
  bool first = true;
  std::string name;
  while (reader.next_member(first, name)) {
    std::string* target = nullptr;
    if (name == "token") target = &state.token;
    if (name == "type") target = &state.resource_type_id;
    if (name == "id") target = &state.resource_id;
    if (target == nullptr) {
      reader.skip();
    } else if (!reader.try_null()) {
      reader.read_string(*target);
    }
  }
  return !reader.failed();
}

}  // namespace

absl::StatusOr<Bag> Bag::parse(std::string_view token) {
  Bag bag;
  if (token.empty()) return bag;
  if (token.size() > limits::kPageTokenBytes) {
    return absl::InvalidArgumentError(absl::StrCat("page token corrupt: it has ", token.size(),
                                                   " bytes, at most ", limits::kPageTokenBytes,
                                                   " are allowed"));
  }
  JsonReader reader(token);
  bool first = true;
  std::string name;
  if (reader.begin_object()) {
    while (reader.next_member(first, name)) {
      if (name == "current_state") {
        if (!reader.try_null()) read_state(reader, bag.current_.emplace());
      } else if (name == "states") {
        if (reader.try_null()) continue;
        bag.stack_.emplace();
        bool first_state = true;
        reader.begin_array();
        while (reader.next_element(first_state) && read_state(reader, bag.stack_->emplace_back())) {
        }
      } else {
        reader.skip();
      }
    }
  }
  if (!reader.finish())
    return absl::InvalidArgumentError(absl::StrCat("page token corrupt: ", reader.error()));
  return bag;
}

std::string Bag::marshal() const {
  std::string text;
  if (!current_) return text;
  text.append("{\"states\":");
  if (!stack_) {
    text.append("null");
  } else {
    text.push_back('[');
    for (const PageState& state : *stack_) {
      if (text.back() != '[') text.push_back(',');
      append_state(text, state);
    }
    text.push_back(']');
  }
  text.append(",\"current_state\":");
  append_state(text, *current_);
  text.push_back('}');
  return text;
}

void Bag::push(PageState state) {
  if (current_) {
    if (!stack_) stack_.emplace();
    stack_->push_back(*std::move(current_));
  }
  current_ = std::move(state);
}

std::optional<PageState> Bag::pop() {
  std::optional<PageState> popped = std::move(current_);
  current_.reset();
  if (stack_ && !stack_->empty()) {
    current_ = std::move(stack_->back());
    stack_->pop_back();
  }
  return popped;
}

absl::Status Bag::next(std::string_view token) {
  if (!current_) return absl::FailedPreconditionError("no active page state");
  if (token.empty()) {
    pop();
  } else {
    current_->token.assign(token);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> Bag::next_token(std::string_view token) {
  if (current_) {
    absl::Status status = next(token);
    if (!status.ok()) return status;
  } else if (!token.empty()) {
    current_.emplace(std::string(token));
  }
  return marshal();
}

const std::string& Bag::token() const {
  return current_ ? current_->token : kNothing;
}
const std::string& Bag::resource_type_id() const {
  return current_ ? current_->resource_type_id : kNothing;
}
const std::string& Bag::resource_id() const {
  return current_ ? current_->resource_id : kNothing;
}

}  // namespace baton::sdk
