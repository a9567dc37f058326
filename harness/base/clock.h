/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* clock.h - the only place that reads a clock. Never used by rules or reports. */

#include <stddef.h>

/* Milliseconds of a clock that never jumps. */
long long hg_clock_ms(void);

/* Now as seconds since the epoch (UTC). */
long long hg_clock_epoch(void);

/* "2026-11-24T08:25:53Z" of an epoch time; `size` at least 21 bytes. */
void hg_clock_format(long long epoch, char *text, size_t size);
