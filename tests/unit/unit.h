/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* unit.h - cmocka wants these four before itself. */

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
/* clang-format on */
