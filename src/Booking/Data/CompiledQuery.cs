using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore.Metadata;

namespace FabLab.Booking.Data;

/// <summary>
/// A question that is asked so often that putting it together costs more than its answer: it is put together once. EF keeps such
/// a question for one model, and each kind of database has its own.
/// </summary>
/// <typeparam name="TAsk">The delegate that asks, as <c>EF.CompileAsyncQuery</c> makes it.</typeparam>
/// <param name="compile">Puts it together. It says itself whether it tracks: what the first context does would count for all.</param>
internal sealed class CompiledQuery<TAsk>(Func<TAsk> compile)
    where TAsk : class
{
    private readonly ConditionalWeakTable<IModel, TAsk> _known = [];
    private readonly ConditionalWeakTable<IModel, TAsk>.CreateValueCallback _make = _ => compile();

    /// <summary>The question for the database of this context.</summary>
    public TAsk On(BookingDbContext db) => _known.GetValue(db.Model, _make);
}
