internal import Cells
internal import Dispatch
internal import Glibc
internal import Linux
internal import Model
internal import Panels
internal import Terminal

/// What is on the screen, and when.
extension App {
    func draw() {
        isDrawingSoon = false
        guard !isSuspended else { return }
        let size = terminal.size
        var canvas = state.draw(dashboard, rows: size.rows, columns: size.columns)
        let layout = state.layout(dashboard, rows: size.rows, columns: size.columns)
        isHolding = isHolding && !panelsAreCurrent && state.dialog == nil && layout == shown?.layout
        if isHolding, let shown {
            for area in [
                layout.details, layout.threads, layout.stacks, layout.flame, layout.functions,
                layout.tasks, layout.collector,
            ] { canvas.copy(area, from: shown.canvas) }
        }
        shown = (canvas, layout)
        terminal.show(canvas)
    }

    func resize() {
        terminal.resize()
        draw()
        ask()
    }

    func suspend() {
        isSuspended = true
        terminal.suspend()
        // The whole job stops, as ^Z from a shell would make it.
        Glibc.signal(SIGTSTP, SIG_DFL)
        kill(0, SIGTSTP)
    }

    func comeBack() {
        isSuspended = false
        terminal.resume()
        draw()
    }

    /// Whether the panels can be drawn for the selected process.
    var panelsAreCurrent: Bool {
        (subscriptions.details == nil || dashboard.details?.identity == askedDetails)
            && (subscriptions.stacks == nil || dashboard.stacks.identity == askedDetails)
            && (subscriptions.profile == nil || dashboard.profile.identity == askedDetails)
    }

    /// Leaves the panels as they are until there is something to draw for the newly selected process, but not for long.
    ///
    /// Else each step through the list would empty and fill half of the screen.
    func holdPanels() {
        isHolding = true
        DispatchQueue.main.asyncAfter(deadline: .now() + .milliseconds(80)) {
            MainActor.assumeIsolated {
                guard let app = App.running, app.isHolding else { return }
                app.isHolding = false
                app.draw()
            }
        }
    }

    /// Draws a little later: host and details come a moment before the table of the same beat, and are drawn with it.
    func drawSoon() {
        guard !isDrawingSoon else { return }
        isDrawingSoon = true
        DispatchQueue.main.asyncAfter(deadline: .now() + .milliseconds(30)) {
            MainActor.assumeIsolated {
                if let app = App.running, app.isDrawingSoon { app.draw() }
            }
        }
    }
}
