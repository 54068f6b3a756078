/// The `viv` command.
@main enum Viv {
    static func main() {}
}
