#define _GNU_SOURCE 1
#include "CNcurses.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

// What a signal handler needs to put the terminal back, prepared while everything is in order.
static struct termios saved_modes;
static char reset_text[512];
static size_t reset_length;
static volatile sig_atomic_t armed;
static uint64_t bytes_written;
static FILE *output;
static FILE *input;

static void put_back(int number) {
    if (armed) {
        armed = 0;
        tcsetattr(STDIN_FILENO, TCSANOW, &saved_modes);
        ssize_t ignored = write(STDOUT_FILENO, reset_text, reset_length);
        (void)ignored;
    }
    signal(number, SIG_DFL);
    raise(number);
}

static void append(const char *text) {
    if (!text || text == (char *)-1) return;
    size_t length = strlen(text);
    if (reset_length + length >= sizeof reset_text) return;
    memcpy(reset_text + reset_length, text, length);
    reset_length += length;
}

// What puts the screen back, from the terminal's description; 0 where the terminal is not known.
static int prepare_reset(const char *name) {
    int status = 0;
    if (setupterm(name, STDOUT_FILENO, &status) == ERR) return 0;
    reset_length = 0;
    append("\033[?1006l\033[?1000l");
    append(tigetstr("sgr0"));
    append(tigetstr("cnorm"));
    append(tigetstr("rmkx"));
    append(tigetstr("rmcup"));
    // newterm reads it again, for itself.
    del_curterm(cur_term);
    return 1;
}

static void install_restore(void) {
    // Every signal whose ordinary effect is the end of the process, but those that cannot be caught.
    static const int ending[] = {
        SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS, SIGQUIT, SIGTERM, SIGINT, SIGHUP,
        SIGUSR1, SIGUSR2, SIGALRM, SIGPIPE, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGIO, SIGSTKFLT, SIGPWR,
    };
    static char stack[65536];
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    sigaltstack(&alternate, NULL);
    struct sigaction action = {.sa_handler = put_back, .sa_flags = SA_ONSTACK | SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    // Another of them in the middle of it would end the program with half of it done.
    for (size_t index = 0; index < sizeof ending / sizeof *ending; index++) sigaddset(&action.sa_mask, ending[index]);
    for (size_t index = 0; index < sizeof ending / sizeof *ending; index++) sigaction(ending[index], &action, NULL);
    for (int number = SIGRTMIN; number <= SIGRTMAX; number++) sigaction(number, &action, NULL);
    armed = 1;
}

// Leaves the screen with nothing sent to the terminal. Until it was left once, ncurses 6.4 writes every movement of the
// cursor by itself (_endwin stays ewInitial in lib_mvcur.c): fifty system calls a frame.
static void leave_unseen(void) {
    int terminal = dup(fileno(output));
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (terminal >= 0 && nowhere >= 0 && dup2(nowhere, fileno(output)) >= 0) {
        endwin();
        dup2(terminal, fileno(output));
    }
    if (terminal >= 0) close(terminal);
    if (nowhere >= 0) close(nowhere);
}

SCREEN *nc_open(const char *name) {
    if (!armed) tcgetattr(STDIN_FILENO, &saved_modes);
    if (!output) output = fdopen(dup(STDOUT_FILENO), "w");
    if (!output) return NULL;
    // A mouse event that ncurses does not know (a release, a wheel sideways) makes it read on, and a blocking read stops the program
    // until the next key. Opened anew, the terminal need not block; standard input is the shell's as well and stays as it is.
    if (!input) {
        int descriptor = open("/proc/self/fd/0", O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
        input = descriptor >= 0 ? fdopen(descriptor, "r") : stdin;
    }
    if (!input || !prepare_reset(name)) return NULL;
    // Everything is ready to be put back before the first thing changes.
    install_restore();
    SCREEN *screen = newterm(name, output, input);
    if (!screen) {
        armed = 0;
        return NULL;
    }
    raw(); noecho(); nonl();
    // Interrupt, quit and suspend arrive as keys, so that the program decides.
    intrflush(stdscr, FALSE); keypad(stdscr, TRUE); nodelay(stdscr, TRUE);
    idlok(stdscr, TRUE); leaveok(stdscr, FALSE); typeahead(-1); curs_set(0);
    if (has_colors()) { start_color(); use_default_colors(); }
    leave_unseen();
    nc_resume();
    return screen;
}

void nc_resume(void) {
    doupdate();
    // Leaving turned the function keys off; ncurses would turn them on again with the first key, which is too late for it.
    keypad(stdscr, TRUE);
}

void nc_close(SCREEN *screen) { endwin(); delscreen(screen); }
WINDOW *nc_stdscr(void) { return stdscr; }
int nc_lines(void) { return LINES; }
int nc_columns(void) { return COLS; }
int nc_colors(void) { return has_colors() ? COLORS : 0; }

int nc_put(int row, int column, const uint32_t *text, int count, unsigned attributes, int pair) {
    attr_t mode = A_NORMAL;
    if (attributes & NC_BOLD) mode |= WA_BOLD;
    if (attributes & NC_DIM) mode |= WA_DIM;
    if (attributes & NC_UNDERLINE) mode |= WA_UNDERLINE;
    if (attributes & NC_REVERSE) mode |= WA_REVERSE;
    if (attributes & NC_ITALIC) mode |= WA_ITALIC;
    if (wattr_set(stdscr, mode, 0, &pair) == ERR) return ERR;
    return mvwaddnwstr(stdscr, row, column, (const wchar_t *)text, count);
}

int nc_width(uint32_t glyph) { return wcwidth((wchar_t)glyph); }

int nc_key(uint32_t *key) {
    int code = wgetch(stdscr);
    *key = (uint32_t)code;
    return code == ERR ? -1 : code >= KEY_MIN;
}

int nc_mouse(int *row, int *column) {
    MEVENT event;
    if (getmouse(&event) != OK) return -1;
    *row = event.y; *column = event.x;
    if (event.bstate & (BUTTON1_CLICKED | BUTTON1_PRESSED)) return 0;
    if (event.bstate & BUTTON1_DOUBLE_CLICKED) return 1;
    if (event.bstate & BUTTON4_PRESSED) return 2;
    if (event.bstate & BUTTON5_PRESSED) return 3;
    return -1;
}

void nc_enable_mouse(void) {
    mousemask(BUTTON1_PRESSED | BUTTON1_CLICKED | BUTTON1_DOUBLE_CLICKED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
    mouseinterval(0);
}

uint64_t nc_bytes_written(void) { return bytes_written; }

void nc_disarm_restore(void) { armed = 0; }
