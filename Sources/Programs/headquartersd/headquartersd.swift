// Headquarters' program: serves, and takes a technician's commands.

import ArgumentParser
import HeadquartersControl

@main
struct Program {
    static func main() async {
        await HeadquartersCommand.main()
    }
}
