/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* level.h - how much may be done to a target (DESIGN section 5). The order is that of effect.
 */

#include <stdbool.h>

#include "base/attr.h"

enum hg_level {
    HG_LEVEL_LOOK,    /* reads only */
    HG_LEVEL_PROVE,   /* really streams for a moment, in the one safe form */
    HG_LEVEL_ATTEMPT, /* what must be refused is tried */
};

const char *hg_level_name(enum hg_level level);
HG_MUST_CHECK bool hg_level_parse(const char *name, enum hg_level *ret);
