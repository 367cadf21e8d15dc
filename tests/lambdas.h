/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_TESTS_LAMBDAS_H
#define PK_TESTS_LAMBDAS_H

/* Functions as Keras keeps those of Lambda layers: marshalled by Python 3.11,
 * in base64. */

/* lambda x: x * 2 */
#define T_LAMBDA_PLAIN                                                 \
	"4wEAAAAAAAAAAAAAAAIAAAADAAAA8wwAAACXAHwAZAF6BQAAUwApAk7pAgAA" \
	"AKkAKQHaAXhzAQAAACDaAW36CDxsYW1iZGE+cgYAAAABAAAAcwoAAACAAIgh" \
	"iEGJI4AA8wAAAAA="

/* lambda x: __import__('os').system('echo picket') */
#define T_LAMBDA_EVIL                                                  \
	"4wEAAAAAAAAAAAAAAAMAAAADAAAA80YAAACXAHQBAAAAAAAAAAAAAGQBpgEA" \
	"AKsBAAAAAAAAAACgAQAAAAAAAAAAAAAAAAAAAAAAAAAAZAKmAQAAqwEAAAAA" \
	"AAAAAFMAKQNO2gJvc3oLZWNobyBwaWNrZXQpAtoKX19pbXBvcnRfX9oGc3lz" \
	"dGVtKQHaAXhzAQAAACDaAW36CDxsYW1iZGE+cgcAAAABAAAAcxwAAACAAI0q" \
	"kFTRChrUChrXCiHSCiGgLdEKMNQKMIAA8wAAAAA="

#endif
