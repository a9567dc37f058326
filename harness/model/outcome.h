/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* outcome.h - what the end of a connection says (docs/PROBES.md section 4, `E.connection`). */

#include <stdbool.h>

/* The server may only be starting: a later attempt may find it ready, and this one has tried no
 * login. `greeted`: the server's greeting came before this stage (MySQL greets before TLS), so
 * that what ended later was no server that is still starting. */
bool hg_outcome_starting(const char *stage, const char *outcome, bool greeted);
