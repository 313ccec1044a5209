using FabLab.Booking.Tests.Api;
using FabLab.Booking.Tests.Pages.Browser;
using FabLab.Booking.Tests.Reservations;
using FabLab.Booking.Tests.Visits;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(FabLab.Booking.Tests.Hosting.LongestFirst))]

namespace FabLab.Booking.Tests.Hosting;

/// <summary>
/// The classes that take longest begin first, so that none of them runs alone at the end while the other processors have nothing left
/// to do. The order of all others is the one of their names.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly Type[] Long =
        [typeof(LookTests), typeof(DeskLookTests), typeof(OverlapTests), typeof(DoorJourneyTests), typeof(OwnOnlyTests), typeof(FrontDeskJourneyTests), typeof(EndpointTableTests)];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(RankOf).ThenBy(collection => collection.TestCollectionDisplayName, StringComparer.Ordinal)];

    // A class without a collection of its own making is one whose name holds that of the class.
    private static int RankOf<TTestCollection>(TTestCollection collection)
        where TTestCollection : ITestCollection
    {
        var rank = Array.FindIndex(Long, type => collection.TestCollectionDisplayName.Contains(type.FullName + " ", StringComparison.Ordinal));
        return rank < 0 ? Long.Length : rank;
    }
}
