// What is going to happen, the earliest first.

/// A binary heap; of what is due at one moment, that comes first which was added first.
struct EventQueue<Element> {
    private var heap: [(at: Duration, order: Int, element: Element)] = []
    private var order = 0

    /// When the first is due.
    var next: Duration? { heap.first?.at }

    mutating func add(_ element: Element, at: Duration) {
        order += 1
        heap.append((at, order, element))
        var place = heap.count - 1
        while place > 0, isBefore(place, (place - 1) / 2) {
            heap.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    mutating func takeFirst() -> Element? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        if heap.isEmpty { return first.element }
        heap[0] = last
        var place = 0
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2] where child < heap.count && isBefore(child, least) {
                least = child
            }
            if least == place { return first.element }
            heap.swapAt(place, least)
            place = least
        }
    }

    private func isBefore(_ one: Int, _ other: Int) -> Bool {
        (heap[one].at, heap[one].order) < (heap[other].at, heap[other].order)
    }
}
