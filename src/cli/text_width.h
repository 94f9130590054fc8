#pragma once

// How many columns of a terminal a text takes. Pure.

#include <string>
#include <string_view>

namespace smelt::cli {

// Combining marks take none, East Asian wide characters and emoji two, all else one. A byte that is
// not UTF-8 counts as one.
int DisplayWidth(std::string_view text);

// At most `width` columns of the text; where it is cut, the last one is "…".
std::string CutToWidth(std::string_view text, int width);

// Line breaks, tabs and other control characters as \n, \t, \x1b, so that a cell stays on its line
// and cannot drive the terminal.
std::string EscapeControls(std::string_view text);

}  // namespace smelt::cli
