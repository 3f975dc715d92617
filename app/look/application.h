// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

class QApplication;

namespace epscope {

// The application in the program's own style, with one format of numbers, one order of fonts and one shaping of texts,
// whatever language the desktop speaks: what is shown, written and read does not depend on it.
std::unique_ptr<QApplication> make_application(int &argc, char **argv);

} // namespace epscope
