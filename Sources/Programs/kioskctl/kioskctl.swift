// The technician's terminal.

import ArgumentParser
import KioskControl

@main
struct Program {
    static func main() async {
        await KioskCommand.main()
    }
}
