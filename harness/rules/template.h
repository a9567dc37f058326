/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* template.h - slots in fixes and sentences (docs/CHECK-FORMAT.md), quoted per engine. */

#include "rules/rule.h"

/* Renders a template. `offenders` may be NULL; `said` gives {expected} and {actual} (NULL:
 * none). A statement with an `offender/…` slot is repeated for each (at most 20), one a line.
 * What cannot be filled in becomes <name> and *incomplete is set, as it is when the text itself
 * has <words> for a person to fill in. */
void hg_template_render(struct hg_buf *out, const char *text, const struct hg_case *c,
                        const struct json_t *offenders, const struct hg_said *said,
                        bool *incomplete);

/* NULL when the slots of a template are well-formed, else what is wrong with `*ret_at`. */
const char *hg_template_check(const char *text, const char **ret_at);

/* Calls back for each slot {kind:argument}: for collecting keys and parameters. */
void hg_template_slots(const char *text,
                       void (*slot)(void *data, const char *kind, const char *argument),
                       void *data);

/* `flavour`, `version`, `provider` of a mapping fit the server that was seen. */
bool hg_server_fits(const struct hg_case *c, const struct json_t *wanted);
