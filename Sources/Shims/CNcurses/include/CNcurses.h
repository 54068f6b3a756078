// ncursesw for Swift: what its headers keep in macros, mutable globals and variadic calls, one function per call.
#pragma once
#define NCURSES_WIDECHAR 1
#define _XOPEN_SOURCE_EXTENDED 1
#include <curses.h>
#include <stdint.h>
#include <term.h>

/// newterm on the given terminal name with stdout and stdin; NULL when the terminal is not known. From its first moment every
/// signal that ends the program puts the terminal back first.
SCREEN *nc_open(const char *name);
/// Takes the screen again after endwin.
void nc_resume(void);
/// Ends the screen and frees it.
void nc_close(SCREEN *screen);
WINDOW *nc_stdscr(void);
int nc_lines(void);
int nc_columns(void);
int nc_colors(void);
/// Puts a run of wide characters with attributes and a colour pair.
int nc_put(int row, int column, const uint32_t *text, int count, unsigned attributes, int pair);
/// Cells that ncurses gives a glyph: wcwidth; -1 for one that the C library does not know.
int nc_width(uint32_t glyph);
/// One byte or key: 0 and the byte in *key, 1 and the code of a function key, -1 for none.
int nc_key(uint32_t *key);
/// The next mouse event: 0 press, 1 double press, 2 wheel up, 3 wheel down, -1 none of these.
int nc_mouse(int *row, int *column);
void nc_enable_mouse(void);
/// Bytes that ncurses has written to the terminal since it was opened.
uint64_t nc_bytes_written(void);
/// Forgets the terminal: it was put back in the ordinary way.
void nc_disarm_restore(void);

enum { NC_BOLD = 1, NC_DIM = 2, NC_UNDERLINE = 4, NC_REVERSE = 8, NC_ITALIC = 16 };
