({
    /* Tells the panel which record it stands on. */
    name: function (component) {
        component.set('v.parameters', JSON.stringify({ recordId: component.get('v.recordId') }));
    }
});
