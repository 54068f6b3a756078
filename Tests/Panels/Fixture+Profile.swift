import Model
import Panels
import Profiles

extension Fixture {
    static let handle = ProfileFrame(
        function: "handle", qualifiedName: "SyncWorker.handle",
        file: "/usr/lib/python3/dist-packages/gunicorn/workers/sync.py")
    static let view = ProfileFrame(function: "view", file: "/srv/shop/shop/views.py")
    static let price = ProfileFrame(function: "price", qualifiedName: "Cart.price", file: "/srv/shop/shop/cart.py")
    static let dumps = ProfileFrame(function: "dumps", file: "/usr/lib/python3.12/json/__init__.py")
    static let evil = ProfileFrame(function: "日本\u{1b}[2J", file: "/srv/shop/shop/日本.py")

    /// Two threads of the busy worker; the samples before the tenth second are of another kind than those after it.
    private static let profile: Profile = {
        var profile = Profile(askedHz: 100, retention: .recent)
        let main = profile.thread(pid: 1201, tid: 1201, name: "MainThread")
        let pool = profile.thread(pid: 1201, tid: 1205, name: "pool-0")
        func line(_ frame: ProfileFrame, _ line: Int) -> ProfileFrame {
            var frame = frame
            frame.line = line
            return frame
        }
        func stack(_ frames: [ProfileFrame]) -> NodeId {
            let numbers = frames.map { profile.frame($0) }
            return profile.node(numbers)
        }
        let early = stack([line(handle, 135), line(view, 12), line(price, 88)])
        let late = [
            stack([line(handle, 135), line(view, 12), line(price, 88)]),
            stack([line(handle, 135), line(view, 12), line(price, 91)]),
            stack([line(handle, 135), line(view, 14), line(dumps, 231)]),
            stack([line(handle, 135), line(evil, 3)]),
        ]
        for sample in 0..<4000 as Range<UInt64> {
            let node = sample < 1000 ? early : late[[0, 0, 0, 1, 2, 2, 2, 3][Int(sample % 8)]]
            profile.add(node, thread: sample % 4 == 3 ? pool : main, atNanoseconds: sample * 10_000_000)
        }
        profile.statistics.rounds = 4000
        profile.statistics.missedRounds = 12
        profile.statistics.elapsedNanoseconds = 40_120_000_000
        return profile
    }()

    /// What a sampler makes of the profile for a scope.
    static func snapshot(_ scope: ProfileScope = ProfileScope()) -> ProfileSnapshot {
        var snapshot = ProfileSnapshot(scope: scope, statistics: profile.statistics)
        var view = CallTreeView(
            grain: scope.grain, windowNanoseconds: 10_000_000_000..<40_000_000_000, isInverted: scope.isInverted,
            isByThread: scope.isByThread, order: .name)
        snapshot.tree = profile.callTree(view)
        snapshot.windowSeconds = 30
        if scope.pin != nil {
            view.windowNanoseconds = 0..<10_000_000_000
            snapshot.tree = snapshot.tree.compared(with: profile.callTree(view), order: .name)
        }
        snapshot.hotLines = [handle: 135, Fixture.view: 12, price: 88]
        let now = profile.functionTable(CallTreeView(windowNanoseconds: 10_000_000_000..<40_000_000_000))
        let all = profile.functionTable()
        (snapshot.totalNow, snapshot.total) = (now.total, all.total)
        snapshot.functions = all.rows.map { row in
            let known = now.rows.first { $0.frame == row.frame }
            return FunctionShare(
                frame: row.frame, ownNow: known?.own ?? 0, totalNow: known?.total ?? 0, own: row.own, total: row.total)
        }
        return snapshot
    }

    /// A dashboard with that profile on it.
    static func dashboard(_ state: DashboardState) -> Dashboard {
        var dashboard = Fixture.dashboard
        dashboard.profile = .snapshot(worker, snapshot(state.profile.scope))
        return dashboard
    }
}
