// Many at once: shared commits, the chain they leave, what a hanging or failing disk does.

import Foundation
import JobFair
import KioskCore
import SyncProtocol
import TestSupport
import Testing

@testable import KioskStore

@Suite struct RecordWriterTests {
    @Test func aThousandConcurrentCommitsLeaveOneChain() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let answers = try await withThrowingTaskGroup(of: [CommittedRecord].self) { group in
                for _ in 0..<64 {
                    group.addTask {
                        var mine: [CommittedRecord] = []
                        for _ in 0..<16 { mine.append(try await store.commit(fixture.registration(), clock: .test)) }
                        return mine
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(answers.count == 1024)
            #expect(Set(answers.compactMap(\.ticket)).count == 1024)
            try await Self.checkChain(of: store, signer: fixture.signer, records: 1025)
            // Commits that were shared cost one sync each.
            #expect(store.writerHeartbeat().batches < 1024 / 2)
        }
    }

    @Test func aProcessThatIsNoDaemonCommitsToo() async throws {
        let fixture = try StoreFixture()
        let store = try fixture.open()
        let record = try await store.committing { try await store.commit(fixture.opening(), clock: .test) }
        #expect(record.sequence == 1)
        await #expect(throws: RecordStoreError.busy) { try await store.commit(fixture.opening(), clock: .test) }
        try store.close()
        let again = try fixture.open()
        #expect(try await again.openFair()?.fairID == StoreFixture.fair)
        await #expect(throws: CancellationError.self) { try await again.committing { throw CancellationError() } }
        try again.close()
    }

    static func checkChain(of store: SQLiteRecordStore, signer: SigningKey, records: Int) async throws {
        let head = try await store.chainHead()
        var previous = Data()
        var sequence: Int64 = 0
        while true {
            let page = try await store.pending(after: sequence, countMax: 256, bytesMax: 1 << 20)
            if page.isEmpty { break }
            for record in page {
                let frame = try RecordFrame.decode(record.frame)
                #expect(frame.isSigned(by: signer.publicKey))
                #expect(frame.digest == record.digest)
                #expect(frame.body.place.previousDigest == previous)
                #expect(frame.body.place.lineageID == head.lineageID)
                #expect(record.sequence == sequence + 1)
                #expect(frame.body.place.sequence == UInt64(record.sequence))
                previous = record.digest
                sequence = record.sequence
            }
        }
        #expect(sequence == records && head.lastSequence == records && head.lastDigest == previous)
    }

    @Test func requestsThatGatherDuringACommitShareTheNext() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            _ = try await store.commit(fixture.registration(), clock: .test)
            let before = try WriteAheadLog.commits(in: fixture.path + "-wal")
            FakeDisk.set(.hanging, under: fixture.folder.path)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<64 {
                    group.addTask { _ = try await store.commit(fixture.registration(), clock: .test) }
                }
                // The watchdog sees work that gets nowhere.
                while store.writerHeartbeat().outstanding < 64 || store.writerHeartbeat().stalledFor < .milliseconds(50)
                {
                    try await Task.sleep(for: .milliseconds(2))
                }
                FakeDisk.set(nil, under: fixture.folder.path)
                try await group.waitForAll()
            }
            let commits = try WriteAheadLog.commits(in: fixture.path + "-wal") - before
            // One that was under way, one for all that gathered meanwhile.
            #expect((1...3).contains(commits), "64 records took \(commits) commits")
            #expect(store.writerHeartbeat().outstanding == 0)
            #expect(store.writerHeartbeat().stalledFor == .zero)
        }
    }

    @Test func moreThanTheQueueHoldsAreBusy() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            FakeDisk.set(.hanging, under: fixture.folder.path)
            let errors = try await withThrowingTaskGroup(of: RecordStoreError?.self) { group in
                let count = RecordWriter.queueMax + RecordWriter.batchMax + 10
                for _ in 0..<count {
                    let draft = fixture.draft(.entry)
                    group.addTask { await storeError { try await store.commit(draft, clock: .test) } }
                }
                while store.writerHeartbeat().outstanding < RecordWriter.queueMax {
                    try await Task.sleep(for: .milliseconds(2))
                }
                // Everyone has asked once the tenth was turned away.
                var errors = [try await group.next() ?? nil]
                FakeDisk.set(nil, under: fixture.folder.path)
                for try await error in group { errors.append(error) }
                return errors
            }
            #expect(errors.contains(.busy))
            #expect(errors.allSatisfy { $0 == nil || $0 == .busy })
            #expect(try await store.counts().entriesToday == errors.count { $0 == nil })
        }
    }

    @Test func withoutARunningWriterCommitsAreBusy() async throws {
        let fixture = try StoreFixture()
        let store = try fixture.open()
        #expect(await storeError { try await store.commit(fixture.opening(), clock: .test) } == .busy)
        try await fixture.run(store) { _ in }
        #expect(await storeError { try await store.commit(fixture.opening(), clock: .test) } == .busy)
        #expect(store.writerHeartbeat().outstanding == 0)
        try store.close()
    }

    @Test func stoppingFinishesWhatWasAccepted() async throws {
        let fixture = try StoreFixture()
        let store = try fixture.open()
        let errors = try await fixture.run(store) { store async throws in
            FakeDisk.set(.hanging, under: fixture.folder.path)
            return try await withThrowingTaskGroup(of: RecordStoreError?.self) { group in
                for _ in 0..<32 {
                    let draft = fixture.registration()
                    group.addTask { await storeError { try await store.commit(draft, clock: .test) } }
                }
                while store.writerHeartbeat().outstanding < 32 { try await Task.sleep(for: .milliseconds(2)) }
                store.stopTakingCommits()
                #expect(await storeError { try await store.commit(fixture.registration(), clock: .test) } == .busy)
                FakeDisk.set(nil, under: fixture.folder.path)
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
        #expect(errors.count == 32 && errors.allSatisfy { $0 == nil })
        try store.close()
    }

    @Test func aFullDiskIsSaidAndPasses() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            FakeDisk.set(.failing(ENOSPC), under: fixture.folder.path)
            let draft = fixture.registration()
            let head = try await store.chainHead()
            #expect(await storeError { try await store.commit(draft, clock: .test) } == .diskFull)
            #expect(try await store.chainHead() == head)
            FakeDisk.set(nil, under: fixture.folder.path)
            let record = try await store.commit(draft, clock: .test)
            #expect(!record.isRepeat && record.sequence == head.lastSequence + 1)
            #expect(record.ticket == TicketNumber("AB0001"))
        }
    }

    @Test func anAnswerMeansThatTheDiskHasIt() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            // The letters are taken: what fails now is the commit of the record.
            _ = try await store.commit(fixture.registration(), clock: .test)
            FakeDisk.set(.failing(ENOSPC), under: fixture.folder.path)
            #expect(await storeError { try await store.commit(fixture.registration(), clock: .test) } == .diskFull)
            FakeDisk.set(nil, under: fixture.folder.path)
            #expect(try await store.counts().records == 2)
        }
    }

    @Test func aRepeatIsAnsweredAlthoughItsNeighboursFindTheDiskFull() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let known = fixture.registration()
            let first = try await store.commit(known, clock: .test)
            let new = fixture.registration()
            // The first keeps the writer busy while the others gather for one transaction.
            let drafts = [fixture.registration(), known, new, new]
            FakeDisk.set(.hanging, under: fixture.folder.path)
            let errors = try await withThrowingTaskGroup(of: (Int, RecordStoreError?).self) { group in
                for (index, draft) in drafts.enumerated() {
                    group.addTask { (index, await storeError { try await store.commit(draft, clock: .test) }) }
                    while store.writerHeartbeat().outstanding <= index { try await Task.sleep(for: .milliseconds(2)) }
                }
                FakeDisk.set(.failing(ENOSPC), under: fixture.folder.path)
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            #expect(errors == [0: .diskFull, 2: .diskFull, 3: .diskFull])
            FakeDisk.set(nil, under: fixture.folder.path)
            #expect(try await store.commit(known, clock: .test).sequence == first.sequence)
            #expect(try await store.commit(new, clock: .test).isRepeat == false)
        }
    }

    @Test func theSizeLimitIsAFullDisk() async throws {
        let fixture = try StoreFixture()
        try await fixture.run(sizeBytesMax: 300_000) { store async throws in
            var error: RecordStoreError?
            var committed = 1
            while error == nil && committed < 2000 {
                error = await storeError { try await store.commit(fixture.registration(), clock: .test) }
                if error == nil { committed += 1 }
            }
            #expect(error == .diskFull)
            #expect(try await store.counts().records == committed)
            try await Self.checkChain(of: store, signer: fixture.signer, records: committed)
        }
    }

    @Test(arguments: [true, false]) func afterAnUnknownOutcomeTheRestartKnows(isOnDisk: Bool) async throws {
        let fixture = try StoreFixture()
        let draft = fixture.registration()
        let store = try fixture.open()
        await #expect(throws: KioskStoreError.self) {
            try await fixture.run(store) { store async throws in
                _ = try await store.commit(fixture.registration(), clock: .test)
                FakeDisk.set(isOnDisk ? .failingAfterWriting(EIO) : .failing(EIO), under: fixture.folder.path)
                #expect(await storeError { try await store.commit(draft, clock: .test) } == .unknownOutcome)
                // "Nothing was stored" would be a promise nobody can keep yet.
                #expect(await storeError { try await store.commit(draft, clock: .test) } == .unknownOutcome)
                try await Task.sleep(for: .seconds(60))
            }
        }
        // What a killed process would leave: the files as they are now.
        let copy = fixture.folder.file("copy.sqlite")
        for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(atPath: fixture.path + suffix, toPath: copy + suffix)
        }
        FakeDisk.set(nil, under: fixture.folder.path)
        try await fixture.run(path: copy) { store async throws in
            #expect(store.opening.wasUnclean && store.opening.chainProblem == nil)
            let record = try await store.commit(draft, clock: .test)
            #expect(record.ticket == TicketNumber("AB0002"))
            try await Self.checkChain(of: store, signer: fixture.signer, records: 3)
        }
        try? store.close()
    }

    /// The power may go between any two commits: whatever is true together has to be in one.
    @Test func aPowerCutAfterAnyCommitLeavesAWholeChain() async throws {
        let fixture = try StoreFixture()
        let copy = fixture.folder.file("copy.sqlite")
        let before = try await fixture.run { store async throws in
            _ = try await store.commit(fixture.registration(), clock: .test)
            let before = try WriteAheadLog.ends(in: fixture.path + "-wal").count
            for _ in 0..<4 { _ = try await store.commit(fixture.registration(), clock: .test) }
            for suffix in ["", "-wal"] {
                try FileManager.default.copyItem(atPath: fixture.path + suffix, toPath: copy + suffix)
            }
            return before
        }
        let log = try Data(contentsOf: URL(fileURLWithPath: copy + "-wal"))
        let ends = try WriteAheadLog.ends(in: copy + "-wal").dropFirst(before)
        #expect(ends.count >= 4)
        for end in ends {
            let cut = fixture.folder.file("cut-\(end).sqlite")
            try FileManager.default.copyItem(atPath: copy, toPath: cut)
            try log.prefix(end).write(to: URL(fileURLWithPath: cut + "-wal"))
            let store = try fixture.open(path: cut)
            #expect(store.opening.chainProblem == nil, "after \(end) bytes")
            try store.close()
        }
    }

    @Test func filesCopiedWhileOpenHoldEveryAnsweredRecord() async throws {
        let fixture = try StoreFixture()
        let copy = fixture.folder.file("copy.sqlite")
        let answered = try await fixture.run { store async throws in
            var answered: [CommittedRecord] = []
            for _ in 0..<50 { answered.append(try await store.commit(fixture.registration(), clock: .test)) }
            for suffix in ["", "-wal"] {
                try FileManager.default.copyItem(atPath: fixture.path + suffix, toPath: copy + suffix)
            }
            return answered
        }
        try await fixture.run(path: copy) { store async throws in
            #expect(store.opening.wasUnclean && store.opening.chainProblem == nil)
            for record in answered { #expect(try await store.registration(record.recordID) == record) }
            try await Self.checkChain(of: store, signer: fixture.signer, records: 51)
        }
    }
}
