extension NearShard {
    /// How many reads it takes for a new item to get from its queue into the other one.
    private static let readsToStay = 2

    /// Drops items until all fit.
    mutating func makeRoom() {
        while bytes > capacity {
            if smallBytes * 10 >= capacity || main.count == 0 { dropSmall() } else { dropMain() }
        }
    }

    /// Takes the oldest of the new items: it stays if it was read again; otherwise only its hash is remembered.
    private mutating func dropSmall() {
        guard let index = small.removeFirst() else { return }
        if slots[index].frequency >= Self.readsToStay {
            promote(index)
        } else {
            ghosts.insert(slots[index].hash)
            remove(index)
            counts.evictions += 1
        }
    }

    /// Takes the oldest of the other items: it gets as many more rounds as it was read times, up to three.
    private mutating func dropMain() {
        guard let index = main.removeFirst() else { return }
        if slots[index].frequency > 0 {
            slots[index].frequency -= 1
            main.append(index)
        } else {
            remove(index)
            counts.evictions += 1
        }
    }
}
