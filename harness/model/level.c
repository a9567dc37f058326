/* SPDX-License-Identifier: Apache-2.0 */
#include "model/level.h"

#include <stddef.h>
#include <string.h>

static const char *const names[] = { "look", "prove", "attempt" };

const char *hg_level_name(enum hg_level level)
{
    return names[level];
}

bool hg_level_parse(const char *name, enum hg_level *ret)
{
    for (size_t i = 0; name != NULL && i < HG_COUNT(names); i++) {
        if (strcmp(names[i], name) == 0) {
            *ret = (enum hg_level)i;
            return true;
        }
    }
    return false;
}
