#pragma once

#include <mutex>
#include <string>
#include <string_view>

namespace baton::runner {

/// The process's stderr: whole lines, and on a terminal one bar below them that is drawn over itself.
///
/// Everything that is written for people goes through here, so that no line tears the bar. Thread-safe. What
/// cannot be written is lost: a closed terminal must not end a sync.
class Console {
 public:
  /// Does not own the descriptor.
  explicit Console(int descriptor);

  /// Whether a bar can be drawn over itself.
  bool is_terminal() const { return terminal_; }
  /// Whether colours are wanted: a terminal, and no `NO_COLOR`.
  bool has_colour() const { return colour_; }
  /// Columns; 80 when unknown. Asked anew each time, as windows are resized.
  int width() const;

  /// Writes `text` and a newline if it has none.
  void write(std::string_view text);
  /// Draws the bar, which must fit into the width; an empty one goes. Nothing happens without a terminal.
  void set_bar(std::string_view text);

 private:
  void put(std::string_view bytes) const;

  const int descriptor_;
  const bool terminal_;
  const bool colour_;
  std::mutex mutex_;
  std::string bar_;
};

}  // namespace baton::runner
